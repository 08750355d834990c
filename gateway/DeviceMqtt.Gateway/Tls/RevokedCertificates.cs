using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>Certificates that are not taken any more: serial numbers of the settings, and lists of authorities (RFC 5280 section 5) in a file of the operator's.</summary>
internal sealed class RevokedCertificates
{
    private const string PemLabel = "X509 CRL"; // RFC 7468 section 6
    private readonly HashSet<BigInteger> _ofAnybody = [];

    private readonly HashSet<CertificateId> _ofIssuer = [];
    private readonly Dictionary<string, string> _issuers = new(StringComparer.Ordinal);

    /// <param name="serials">Hexadecimal; refused whoever has signed them.</param>
    /// <param name="crlFile">Lists in PEM, or one in DER; null or empty for none. Nobody checks who signed them: the file is as trusted as the settings are.</param>
    /// <exception cref="InvalidDataException">The file is no such list.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public RevokedCertificates(IEnumerable<string> serials, string? crlFile)
    {
        foreach (string serial in serials)
            if (TlsOptions.TryParseSerial(serial, out BigInteger number))
                _ = _ofAnybody.Add(number);
        if (!string.IsNullOrEmpty(crlFile))
            ReadFile(crlFile);
    }

    /// <summary>How many there are.</summary>
    public int Count => _ofAnybody.Count + _ofIssuer.Count;

    /// <summary>Whose lists they are: for people, by the name as it is compared (<see cref="CertificateId.NameOf"/>).</summary>
    public IReadOnlyDictionary<string, string> Issuers => _issuers;

    public bool Contains(X509Certificate2 certificate) => Contains(CertificateId.Of(certificate));

    public bool Contains(in CertificateId certificate) => _ofAnybody.Contains(certificate.Serial) || _ofIssuer.Contains(certificate);

    private void ReadFile(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        try
        {
            string text = Encoding.Latin1.GetString(bytes);
            if (!PemEncoding.TryFind(text, out _))
            {
                Read(bytes);
                return;
            }

            for (ReadOnlySpan<char> rest = text; PemEncoding.TryFind(rest, out PemFields found); rest = rest[found.Location.End..])
                if (rest[found.Label].SequenceEqual(PemLabel))
                    Read(Convert.FromBase64String(rest[found.Base64Data].ToString()));
                else
                    throw new InvalidDataException($"'{file}' has a part '{rest[found.Label]}', which is no list of revoked certificates");
        }
        catch (AsnContentException exception)
        {
            throw new InvalidDataException($"'{file}' is no list of revoked certificates: {exception.Message}", exception);
        }
    }

    // CertificateList of RFC 5280 section 5.1:
    //   SEQUENCE { tbsCertList SEQUENCE { version?, signature, issuer, thisUpdate, nextUpdate?, revokedCertificates SEQUENCE OF SEQUENCE { serial, date, extensions? }?, [0]? }, ... }
    private void Read(byte[] der)
    {
        AsnReader list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (list.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            _ = list.ReadInteger();
        _ = list.ReadEncodedValue();
        ReadOnlyMemory<byte> name = list.ReadEncodedValue();
        string issuer = CertificateId.NameOf(name);
        _issuers[issuer] = new X500DistinguishedName(name.Span).Name;
        _ = list.ReadEncodedValue();
        if (list.HasData && (list.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || list.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime)))
            _ = list.ReadEncodedValue();
        if (!list.HasData || !list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            return;
        AsnReader entries = list.ReadSequence();
        while (entries.HasData)
            _ = _ofIssuer.Add(new CertificateId(issuer, CertificateId.SerialOf(entries.ReadSequence().ReadIntegerBytes().Span)));
    }
}
