using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Tests.Tls;

[TestClass]
internal sealed class RevokedCertificatesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-crl").FullName;
    private readonly CertificateFolder _one;
    private readonly CertificateFolder _other;

    public RevokedCertificatesTests()
    {
        _one = new CertificateFolder(Path.Combine(_folder, "one"));
        _other = new CertificateFolder(Path.Combine(_folder, "other"));
        foreach (CertificateFolder made in new[] { _one, _other })
            made.Create(["localhost"], [], TimeProvider.System.GetUtcNow());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A list of the folder's authority, as openssl ca -gencrl would make it.</summary>
    public static string CrlOf(CertificateFolder folder, params IEnumerable<X509Certificate2> revoked) => PemEncoding.WriteString("X509 CRL", Der(folder, revoked)) + "\n";

    [TestMethod]
    public void List_InPemOrDer_NamesThoseOfItsAuthority()
    {
        using X509Certificate2 bad = Client(_one);
        using X509Certificate2 good = Client(_one);
        using X509Certificate2 elsewhere = Client(_other);
        string pem = FileWith(CrlOf(_one, bad) + CrlOf(_other, elsewhere));
        string der = Path.Combine(_folder, "list.der");
        File.WriteAllBytes(der, Der(_one, [bad]));

        Check(new RevokedCertificates([], pem), (bad, true), (good, false), (elsewhere, true));
        Check(new RevokedCertificates([], der), (bad, true), (good, false), (elsewhere, false));
        Check(new RevokedCertificates([], FileWith(CrlOf(_one))), (bad, false));
    }

    [TestMethod]
    public void Serials_AsOpensslPrintsThem_NameTheirCertificate()
    {
        using X509Certificate2 bad = Client(_one);
        using X509Certificate2 good = Client(_one);
        string colons = string.Join(':', bad.SerialNumber.Chunk(2).Select(static two => new string(two)));
        foreach (string text in new[] { bad.SerialNumber, bad.SerialNumber.ToLowerInvariant(), colons, "00" + bad.SerialNumber })
            Check(new RevokedCertificates([text], null), (bad, true), (good, false));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("nonsense")]
    [DataRow("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]
    [DataRow("-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n")]
    public void List_ThatIsNone_Refused(string text) => Assert.ThrowsExactly<InvalidDataException>(() => new RevokedCertificates([], FileWith(text)));

    [TestMethod]
    public void List_ThatIsACertificate_Refused() => Assert.ThrowsExactly<InvalidDataException>(() => new RevokedCertificates([], _one.PathOf(CertificateFolder.CaName)));

    // Bits turned in a good list: another list, or none; never another fault.
    [TestMethod]
    public void List_Damaged_ReadOrRefused()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        using X509Certificate2 bad = Client(_one);
        byte[] good = Der(_one, [bad]);
        string file = Path.Combine(_folder, "damaged.der");
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bytes = [.. good[..random.Next(1, good.Length + 1)]];
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, bytes);
            try
            {
                _ = new RevokedCertificates([], file).Count;
            }
            catch (InvalidDataException)
            {
                // So it is none.
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}: {exception}");
            }
        }
    }

    private static byte[] Der(CertificateFolder folder, IEnumerable<X509Certificate2> revoked)
    {
        using X509Certificate2 authority = X509Certificate2.CreateFromPemFile(folder.PathOf(CertificateFolder.CaKeyName));
        CertificateRevocationListBuilder list = new();
        foreach (X509Certificate2 certificate in revoked)
            list.AddEntry(certificate);
        return list.Build(authority, crlNumber: 1, TimeProvider.System.GetUtcNow().AddDays(30), HashAlgorithmName.SHA256);
    }

    private static void Check(RevokedCertificates revoked, params (X509Certificate2 Certificate, bool IsRevoked)[] expected)
    {
        foreach ((X509Certificate2 certificate, bool isRevoked) in expected)
            Assert.AreEqual(isRevoked, revoked.Contains(certificate), certificate.SerialNumber);
    }

    private static X509Certificate2 Client(CertificateFolder folder)
    {
        (string certificate, _, _) = folder.CreateClient("kitchen", TimeProvider.System.GetUtcNow());
        return X509Certificate2.CreateFromPem(certificate);
    }

    private string FileWith(string text)
    {
        string file = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(file, text);
        return file;
    }
}
