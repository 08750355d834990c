using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>What the files of the settings held at one moment, ready for handshakes. Nothing of that changes; a handshake keeps the one it began with.</summary>
internal sealed class TlsState
{
    private static readonly List<SslApplicationProtocol> NoApplicationProtocol = [];

    private readonly ClientCertificates _mode;
    private readonly Dictionary<string, DateTime> _authorities = new(StringComparer.Ordinal); // with their ends, UTC
    private readonly ChainsAbove _chains = new();
    private volatile bool _isUnsettled; // an authority is missing that was there before, and only one look has said so

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
        foreach (X509Certificate2 authority in clientAuthorities)
        {
            string name = ChainAbove.AuthorityOf(authority);
            DateTime ends = authority.NotAfter.ToUniversalTime();
            // One that is renewed may be there beside itself: the later end counts.
            if (!_authorities.TryGetValue(name, out DateTime other) || other < ends)
                _authorities[name] = ends;
        }

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

    /// <summary>Comes behind another. The file of the authorities may have been read in the middle of its writing, so that one is missing: nobody is sent away for that by one look.</summary>
    public void Follow(TlsState before) => _isUnsettled = before._isUnsettled || before._authorities.Keys.Any(authority => !_authorities.ContainsKey(authority));

    /// <summary>A second look has found the files as they were read.</summary>
    /// <returns>True when an authority is missing that was there before: its clients are not taken from now on.</returns>
    public bool TrySettle()
    {
        bool wasUnsettled = _isUnsettled;
        _isUnsettled = false;
        return wasUnsettled;
    }

    /// <summary>Why a client's certificate is not taken, as words behind a comma; null when it is.</summary>
    /// <param name="chain">What its handshake has found.</param>
    /// <param name="now">The time; null where nobody knows it.</param>
    public string? WhyNot(ClientChain chain, DateTimeOffset? now)
    {
        if (chain.WhyNot(Revoked, now) is { } why)
            return why;
        if (!_authorities.TryGetValue(chain.Authority, out DateTime ends))
            return _isUnsettled ? null : "its authority is not in Tls:ClientCaFile any more";
        return now is { } time && time.UtcDateTime > ends ? "its authority has ended" : null;
    }

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
