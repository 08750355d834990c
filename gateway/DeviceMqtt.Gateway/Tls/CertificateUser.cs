using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>Which user a client's certificate stands for.</summary>
internal static class CertificateUser
{
    private const string CommonName = "2.5.4.3"; // id-at-commonName, RFC 5280 appendix A.1

    /// <summary>The user of the one Common Name in the subject; null when there is none or more than one, or the settings name other certificates only.</summary>
    public static string? Of(X509Certificate2 certificate, TlsOptions options)
    {
        string? name = null;
        foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements || part.GetSingleElementType().Value != CommonName)
                continue;
            if (name is not null)
                return null;
            name = part.GetSingleElementValue();
        }

        if (string.IsNullOrEmpty(name))
            return null;
        return options.CertificateUsers.Count == 0 ? name : options.CertificateUsers.GetValueOrDefault(name);
    }
}
