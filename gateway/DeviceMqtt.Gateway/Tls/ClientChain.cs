using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>
/// The certificates from a client's own to its authority's, as the handshake has found them: what its connection ends by when one of them is not taken any more. To build the chain again later is
/// no way, for a client sends those between in its handshake alone.
/// </summary>
internal sealed class ClientChain
{
    // By the object that the handshake has handed out: the connection's own, and nobody else's.
    private static readonly ConditionalWeakTable<X509Certificate, ClientChain> OfHandshakes = [];

    private readonly ChainAbove _above;
    private readonly CertificateId _own;
    private readonly DateTime _until;

    private ClientChain(X509Certificate2 certificate, ChainAbove above, DateTime until)
    {
        Certificate = certificate;
        _above = above;
        _own = new CertificateId(above.Issuer, CertificateId.SerialOf(certificate.SerialNumberBytes.Span));
        _until = until;
    }

    /// <summary>The client's own.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Its authority (<see cref="ChainAbove.AuthorityOf"/>).</summary>
    public string Authority => _above.Authority;

    /// <summary>Notes what a handshake has found, for <see cref="TryFind"/>.</summary>
    /// <param name="certificate">The client's own.</param>
    /// <param name="chain">From it to its authority.</param>
    /// <param name="chains">What is above clients' certificates.</param>
    public static ClientChain Keep(X509Certificate2 certificate, X509Chain chain, ChainsAbove chains)
    {
        DateTime until = certificate.NotAfter.ToUniversalTime();
        // Without its authority's: that may be renewed meanwhile, and the state at hand knows its end (TlsState.WhyNot).
        foreach (X509ChainElement element in chain.ChainElements.SkipLast(1))
            if (element.Certificate.NotAfter.ToUniversalTime() is var its && its < until)
                until = its;
        ClientChain kept = new(certificate, chains.Of(chain), until);
        OfHandshakes.AddOrUpdate(certificate, kept);
        return kept;
    }

    /// <summary>What the handshake has noted of a connection's certificate.</summary>
    public static bool TryFind(X509Certificate2 certificate, [NotNullWhen(true)] out ClientChain? chain) => OfHandshakes.TryGetValue(certificate, out chain);

    /// <summary>Why it is not taken, as far as its authority has no part in that; null when it is.</summary>
    /// <param name="revoked">Which are not.</param>
    /// <param name="now">The time; null where nobody knows it.</param>
    public string? WhyNot(RevokedCertificates revoked, DateTimeOffset? now)
    {
        if (revoked.Contains(_own))
            return "it is revoked";
        foreach (CertificateId above in _above.Ids)
            if (revoked.Contains(above))
                return "one that stands between it and its authority is revoked, or the authority's";
        return now is { } time && time.UtcDateTime > _until ? "it has ended, or one between it and its authority" : null;
    }
}
