using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>What is above a client's certificate. Never changes; one object for all clients with the same.</summary>
/// <param name="Issuer">Who has signed the client's (<see cref="CertificateId.NameOf"/>).</param>
/// <param name="Ids">Those above it, the authority's own as the last.</param>
/// <param name="Authority">The last of them (<see cref="AuthorityOf"/>).</param>
internal sealed record ChainAbove(string Issuer, IReadOnlyList<CertificateId> Ids, string Authority)
{
    /// <summary>What an authority is known by: its name and its key (RFC 5280 section 6.1.1). One that is renewed with both is the same.</summary>
    public static string AuthorityOf(X509Certificate2 authority)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(authority.SubjectName.RawData);
        hash.AppendData(authority.PublicKey.ExportSubjectPublicKeyInfo());
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public static ChainAbove Of(X509Chain chain)
    {
        X509ChainElementCollection elements = chain.ChainElements;
        return new ChainAbove(
            CertificateId.NameOf(elements[0].Certificate.IssuerName.RawData), [.. elements.Skip(1).Select(static element => CertificateId.Of(element.Certificate))], AuthorityOf(elements[^1].Certificate));
    }
}
