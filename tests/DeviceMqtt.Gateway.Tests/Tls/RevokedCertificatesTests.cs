using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Tests.Tls;

[TestClass]
internal sealed class RevokedCertificatesTests : IDisposable
{
    private const string CommonName = "2.5.4.3";
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

    /// <summary>RFC 5280 section 7.1: the kind of text, capital letters and spaces make no other name.</summary>
    [TestMethod]
    [DataRow("Home Authority", true)]
    [DataRow("home  AUTHORITY ", true)]
    [DataRow("HomeAuthority", false)]
    public void List_WhoseIssuerIsWrittenOtherwise_NamesThoseOfTheSameAuthority(string written, bool isSame)
    {
        using ECDsa key = CertificateMaker.NewKey();
        X500DistinguishedNameBuilder name = new();
        name.Add(CommonName, "Home Authority", UniversalTagNumber.PrintableString);
        CertificateRequest request = new(name.Build(), key, HashAlgorithmName.SHA256);
        using X509Certificate2 own = request.CreateSelfSigned(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(1));
        X500DistinguishedNameBuilder other = new();
        other.Add(CommonName, written, UniversalTagNumber.UTF8String);
        CertificateRevocationListBuilder list = new();
        list.AddEntry(own);
        X509SignatureGenerator signer = X509SignatureGenerator.CreateForECDsa(key);
        string file = Path.Combine(_folder, "other.der");
        File.WriteAllBytes(file, list.Build(other.Build(), signer, 1, TimeProvider.System.GetUtcNow().AddDays(1), HashAlgorithmName.SHA256, X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(new byte[4])));

        Check(new RevokedCertificates([], file), (own, isSame));
    }

    /// <summary>A serial number with the highest bit set and no 00 before it reads as a negative one.</summary>
    [TestMethod]
    public void List_WhoseSerialHasTheHighestBit_NamesItsCertificate()
    {
        using ECDsa key = CertificateMaker.NewKey();
        CertificateRequest request = new("CN=old device", key, HashAlgorithmName.SHA256);
        using X509Certificate2 authority = X509Certificate2.CreateFromPemFile(_one.PathOf(CertificateFolder.CaKeyName));
        using X509Certificate2 own = request.Create(authority, TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(1), [0x9C, 1, 2, 3]);
        byte[] der = Der(_one, [own]);
        int at = der.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x02, 0x05, 0x00, 0x9C, 1, 2, 3]);
        Assert.IsGreaterThan(0, at, "as it has to be");
        string file = Path.Combine(_folder, "serial.der");
        File.WriteAllBytes(file, WithoutTheZero());

        Check(new RevokedCertificates([], file), (own, true));

        // The list once more, with the entry's number as such an authority writes it. Nobody checks the signature.
        byte[] WithoutTheZero()
        {
            AsnReader outer = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            AsnReader inner = outer.ReadSequence();
            AsnWriter writer = new(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                    while (inner.HasData)
                        Copy(inner, writer);
                while (outer.HasData)
                    writer.WriteEncodedValue(outer.ReadEncodedValue().Span);
            }

            return writer.Encode();
        }

        static void Copy(AsnReader inner, AsnWriter writer)
        {
            if (!inner.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) || inner.PeekEncodedValue().Span.IndexOf((ReadOnlySpan<byte>)[0x02, 0x05, 0x00, 0x9C]) < 0)
            {
                writer.WriteEncodedValue(inner.ReadEncodedValue().Span);
                return;
            }

            AsnReader entry = inner.ReadSequence().ReadSequence();
            _ = entry.ReadIntegerBytes();
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteInteger((ReadOnlySpan<byte>)[0x9C, 1, 2, 3]);
                while (entry.HasData)
                    writer.WriteEncodedValue(entry.ReadEncodedValue().Span);
            }
        }
    }

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
