using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>What the files of the settings held at one moment, ready for handshakes. Never changes; a handshake keeps the one it began with.</summary>
internal sealed class TlsState
{
    private static readonly List<SslApplicationProtocol> NoApplicationProtocol = [];

    private readonly ClientCertificates _mode;
    private readonly HashSet<string> _authorities;
    private readonly ChainsAbove _chains = new();

    /// <param name="certificate">The gateway's, with its key.</param>
    /// <param name="between">Those between it and its authority.</param>
    /// <param name="mode">Whether clients show certificates.</param>
    /// <param name="clientAuthorities">Who may have signed them.</param>
    /// <param name="revoked">Which are not taken any more.</param>
    public TlsState(X509Certificate2 certificate, X509Certificate2Collection between, ClientCertificates mode, X509Certificate2Collection clientAuthorities, RevokedCertificates revoked)
    {
        _mode = mode;
        Certificate = certificate;
        Revoked = revoked;
        _authorities = [.. clientAuthorities.Select(ChainAbove.AuthorityOf)];
        SslStreamCertificateContext own = SslStreamCertificateContext.Create(certificate, between, offline: true);
        // With an empty list the client's choice does not matter; Kestrel fills one that is null with its own.
        Mqtt = Handshake(own, clientAuthorities, NoApplicationProtocol);
        Http = Handshake(own, clientAuthorities, [SslApplicationProtocol.Http11]);
    }

    /// <summary>The gateway's certificate.</summary>
    public X509Certificate2 Certificate { get; }

    public RevokedCertificates Revoked { get; }

    /// <summary>What the files were like before they were read.</summary>
    public string Seen { get; init; } = "";

    /// <summary>For MQTT. One object for all connections: what OpenSSL needs is made once for it.</summary>
    public SslServerAuthenticationOptions Mqtt { get; }

    /// <summary>For HTTP/1.1, the only one that WebSockets are served over.</summary>
    public SslServerAuthenticationOptions Http { get; }

    /// <summary>Why a client's certificate is not taken, as words behind a comma; null when it is.</summary>
    /// <param name="chain">What its handshake has found.</param>
    /// <param name="now">The time; null where nobody knows it.</param>
    public string? WhyNot(ClientChain chain, DateTimeOffset? now) =>
        chain.WhyNot(Revoked, now) ?? (_authorities.Contains(chain.Authority) ? null : "its authority is not in Tls:ClientCaFile any more");

    private SslServerAuthenticationOptions Handshake(SslStreamCertificateContext own, X509Certificate2Collection clientAuthorities, List<SslApplicationProtocol> protocols)
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = own,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = protocols,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (_mode == ClientCertificates.None)
            return options;
        options.ClientCertificateRequired = true;
        options.AllowTlsResume = false; // A certificate that was revoked meanwhile must not come back by a ticket.
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Accepts(certificate, chain, errors);
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(clientAuthorities);
        return options;
    }

    private bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return _mode == ClientCertificates.Accepted;
        // The handshake has looked at the time, and has asked the authorities.
        return errors == SslPolicyErrors.None && chain is not null && certificate is X509Certificate2 own && ClientChain.Keep(own, chain, _chains).WhyNot(Revoked, now: null) is null;
    }
}
