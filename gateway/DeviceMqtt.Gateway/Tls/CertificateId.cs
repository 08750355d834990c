using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>What names a certificate (RFC 5280 section 4.1.2.2): who has signed it, and the serial number that it has there.</summary>
/// <param name="Issuer">The issuer's name (<see cref="NameOf"/>).</param>
/// <param name="Serial">Never negative: some authorities leave out the 00 before a byte of 0x80 and more.</param>
internal readonly record struct CertificateId(string Issuer, BigInteger Serial)
{
    public static CertificateId Of(X509Certificate2 certificate) => new(NameOf(certificate.IssuerName.RawData), SerialOf(certificate.SerialNumberBytes.Span));

    /// <summary>A serial number by its bytes, the most significant one first.</summary>
    public static BigInteger SerialOf(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    /// <summary>
    /// A name as it is compared (RFC 5280 section 7.1): whatever kind of text it is written in, without difference between capital and small letters, and with one space for many. What is not
    /// text, or no name at all, is compared by its bytes.
    /// </summary>
    /// <param name="name">Encoded.</param>
    public static string NameOf(ReadOnlyMemory<byte> name)
    {
        try
        {
            StringBuilder text = new();
            AsnReader parts = new AsnReader(name, AsnEncodingRules.BER).ReadSequence();
            List<string> values = [];
            while (parts.HasData)
            {
                AsnReader part = parts.ReadSetOf(skipSortOrderValidation: true);
                values.Clear();
                while (part.HasData)
                    values.Add(ValueOf(part.ReadSequence()));
                values.Sort(StringComparer.Ordinal); // the order in a set may be by the bytes
                _ = text.Append('/').AppendJoin('+', values);
            }

            return text.ToString();
        }
        catch (AsnContentException)
        {
            return Convert.ToHexString(name.Span);
        }
    }

    // AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY }. The length tells it from what comes behind.
    private static string ValueOf(AsnReader pair)
    {
        string type = pair.ReadObjectIdentifier();
        string value = pair.PeekTag() is { TagClass: TagClass.Universal } tag && IsText((UniversalTagNumber)tag.TagValue)
            ? Folded(pair.ReadCharacterString((UniversalTagNumber)tag.TagValue)) : "#" + Convert.ToHexString(pair.ReadEncodedValue().Span);
        return string.Create(CultureInfo.InvariantCulture, $"{type}={value.Length}:{value}");
    }

    private static bool IsText(UniversalTagNumber kind) => kind is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String
        or UniversalTagNumber.T61String or UniversalTagNumber.BMPString or UniversalTagNumber.VisibleString or UniversalTagNumber.NumericString;

    private static string Folded(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
}
