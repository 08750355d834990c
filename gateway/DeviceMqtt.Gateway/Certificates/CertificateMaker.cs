using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Certificates;

/// <summary>
/// Certificates of a house: an authority, the gateway's, those of clients (RFC 5280). Keys are ECDSA on P-256, which mbedTLS on an ESP32 knows and a
/// Raspberry Pi signs with in a fraction of a millisecond; or RSA, where the authority's is: all below it have the kind of its key. Pure: no files, the time is passed in.
/// </summary>
internal static class CertificateMaker
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1"; // id-kp-serverAuth, RFC 5280 section 4.2.1.12
    private const string RsaEncryption = "1.2.840.113549.1.1.1"; // RFC 8017, appendix C
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2"; // id-kp-clientAuth

    /// <summary>Chosen: longer than the boards live.</summary>
    private const int AuthorityYears = 20;

    /// <summary>Chosen: what browsers take at most is 398 days; the gateway renews it when a third is left.</summary>
    public const int ServerDays = 365;

    /// <summary>Chosen: a client is renewed by hand.</summary>
    private const int ClientYears = 5;

    private const int SerialBytes = 16;

    /// <summary>For clocks that go wrong by some hours.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromDays(1);

    private const int RsaBits = 2048; // chosen: what BearSSL on an ESP8266 takes, and good until 2030 (NIST SP 800-57, table 2)

    public static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Its key, and those of what it signs, are RSA.</summary>
    public static bool IsRsa(X509Certificate2 certificate) => certificate.PublicKey.Oid.Value == RsaEncryption;

    /// <summary>A new authority. Its name has a part of chance, so that no two are taken for each other.</summary>
    /// <param name="machine">Its name is in that of the authority.</param>
    /// <param name="now">The time.</param>
    /// <param name="isRsa">Its key is RSA, and not ECDSA.</param>
    public static X509Certificate2 CreateAuthority(string machine, DateTimeOffset now, bool isRsa = false)
    {
        using AsymmetricAlgorithm key = NewKey(isRsa);
        CertificateRequest request = Request(Name($"DeviceMqtt CA {machine} {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}"), key);
        AddAuthorityExtensions(request);
        return request.CreateSelfSigned(now - Early, now.AddYears(AuthorityYears));
    }

    /// <summary>The same authority, as another one vouches for it: who trusts only the older one trusts what the newer one signs, too.</summary>
    /// <param name="authority">The newer one.</param>
    /// <param name="by">The older one, with its key.</param>
    public static X509Certificate2 CrossSign(X509Certificate2 authority, X509Certificate2 by)
    {
        CertificateRequest request = new(authority.SubjectName, authority.PublicKey, HashAlgorithmName.SHA256, IsRsa(authority) ? RSASignaturePadding.Pkcs1 : null);
        AddAuthorityExtensions(request);
        AddIssuer(request, by);
        return request.Create(by, Later(From(authority), From(by)), Earlier(Until(authority), Until(by)), Serial());
    }

    /// <summary>The gateway's certificate, with its key. It is valid from the day its authority is, for boards whose clock is behind.</summary>
    /// <param name="authority">With its key.</param>
    /// <param name="names">By which clients find the gateway.</param>
    /// <param name="addresses">The same.</param>
    /// <param name="now">The time.</param>
    public static X509Certificate2 CreateServer(X509Certificate2 authority, IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
            alternatives.AddDnsName(name);
        foreach (IPAddress address in addresses)
            alternatives.AddIpAddress(address);
        return Issue(authority, names[0], ServerAuth, alternatives, now.AddDays(ServerDays));
    }

    /// <summary>A client's certificate, with its key: the user's name is its Common Name.</summary>
    public static X509Certificate2 CreateClient(X509Certificate2 authority, string user, DateTimeOffset now) =>
        Issue(authority, user, ClientAuth, alternatives: null, now.AddYears(ClientYears));

    private static X509Certificate2 Issue(X509Certificate2 authority, string commonName, string use, SubjectAlternativeNameBuilder? alternatives, DateTimeOffset until)
    {
        using AsymmetricAlgorithm key = NewKey(IsRsa(authority));
        CertificateRequest request = Request(Name(commonName), key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        AddIssuer(request, authority);
        if (alternatives is not null)
            request.CertificateExtensions.Add(alternatives.Build());
        using X509Certificate2 certificate = request.Create(authority, From(authority), Earlier(until, Until(authority)), Serial());
        return key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);
    }

    private static AsymmetricAlgorithm NewKey(bool isRsa) => isRsa ? RSA.Create(RsaBits) : NewKey();

    private static CertificateRequest Request(X500DistinguishedName name, AsymmetricAlgorithm key) =>
        key is RSA rsa ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);

    private static void AddAuthorityExtensions(CertificateRequest request)
    {
        // One more authority below it at most: its successor, while both are there.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 1, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
    }

    private static void AddIssuer(CertificateRequest request, X509Certificate2 authority) =>
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));

    private static X500DistinguishedName Name(string commonName)
    {
        X500DistinguishedNameBuilder name = new();
        name.AddCommonName(commonName);
        return name.Build();
    }

    // Positive, RFC 5280 section 4.1.2.2.
    private static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    private static DateTimeOffset From(X509Certificate2 certificate) => new(certificate.NotBefore);

    private static DateTimeOffset Until(X509Certificate2 certificate) => new(certificate.NotAfter);

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
