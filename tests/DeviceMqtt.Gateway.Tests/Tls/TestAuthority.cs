using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>An authority that stands between that of a house and its clients, with what it has signed.</summary>
internal sealed class TestAuthority : IDisposable
{
    public TestAuthority(CertificateFolder house, TimeSpan? life = null)
    {
        Root = X509Certificate2.CreateFromPemFile(house.PathOf(CertificateFolder.CaKeyName));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using ECDsa key = CertificateMaker.NewKey();
        CertificateRequest request = new("CN=Between", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 signed = request.Create(Root, new DateTimeOffset(Root.NotBefore), now + (life ?? TimeSpan.FromDays(100)), RandomNumberGenerator.GetBytes(8));
        Between = signed.CopyWithPrivateKey(key);
    }

    /// <summary>The house's.</summary>
    public X509Certificate2 Root { get; }

    public X509Certificate2 Between { get; }

    /// <summary>A client's certificate, with its key, as a client has it that reads it from a file.</summary>
    public X509Certificate2 Client(string user)
    {
        using X509Certificate2 made = CertificateMaker.CreateClient(Between, user, TimeProvider.System.GetUtcNow());
        using ECDsa key = made.GetECDsaPrivateKey()!;
        return X509Certificate2.CreateFromPem(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        Root.Dispose();
        Between.Dispose();
    }
}
