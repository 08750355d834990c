using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>Section <c>Tls</c> of the settings: what the listeners with <c>mqtts://</c> and <c>https://</c> show and ask for.</summary>
internal sealed class TlsOptions
{
    /// <summary>The gateway's certificate, with those between it and its authority behind it (PEM); <c>tls/server.pem</c> in the data folder when empty.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>The key of <see cref="CertificateFile"/> (PEM, without a password); empty when it is in the same file.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Whether clients show certificates.</summary>
    public ClientCertificates ClientCertificates { get; set; }

    /// <summary>The authorities that sign clients' certificates (PEM); <c>tls/ca.pem</c> in the data folder when empty.</summary>
    public string ClientCaFile { get; set; } = "";

    /// <summary>
    /// User by the Common Name of a certificate: <c>Tls:CertificateUsers:NAME=user</c>. A name that is not here has no user. Without any,
    /// each name is that of its user.
    /// </summary>
    public Dictionary<string, string> CertificateUsers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Lists of revoked certificates (PEM, or one list in DER); none when empty.</summary>
    public string CrlFile { get; set; } = "";

    /// <summary>Serial numbers of certificates that are not taken any more, in hexadecimal digits, with or without colons.</summary>
    public List<string> RevokedSerials { get; set; } = [];

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check()
    {
        if (KeyFile.Length > 0 && CertificateFile.Length == 0)
            return "Tls:KeyFile is given without Tls:CertificateFile";
        if (ClientCertificates == ClientCertificates.None && (CertificateUsers.Count > 0 || CrlFile.Length > 0 || RevokedSerials.Count > 0))
            return "Tls:CertificateUsers, Tls:CrlFile and Tls:RevokedSerials are for clients with certificates: set Tls:ClientCertificates to Accepted or Required";
        for (int i = 0; i < RevokedSerials.Count; i++)
            if (!IsSerial(RevokedSerials[i]))
                return $"Tls:RevokedSerials:{i} is '{RevokedSerials[i]}'; it must be hexadecimal digits, as openssl x509 -serial prints them";
        return null;
    }

    /// <summary>These, with what others say of whom is let in and who no more; the certificate and the mode stay.</summary>
    public TlsOptions With(TlsOptions others) => new()
    {
        CertificateFile = CertificateFile,
        KeyFile = KeyFile,
        ClientCertificates = ClientCertificates,
        ClientCaFile = ClientCaFile,
        CertificateUsers = others.CertificateUsers,
        CrlFile = others.CrlFile,
        RevokedSerials = others.RevokedSerials,
    };

    // By itself: where no serial number is set nothing of large numbers is loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsSerial(string text) => TryParseSerial(text, out _);

    /// <summary>The number that a text in hexadecimal digits stands for.</summary>
    public static bool TryParseSerial(string text, out BigInteger serial) =>
        BigInteger.TryParse("0" + text.Replace(":", "", StringComparison.Ordinal).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out serial) && text.Trim().Length > 0;
}
