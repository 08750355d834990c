using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Certificates;

/// <summary>Whether a certificate is valid by the clock, in words. A clock that was wrong when an authority was made leaves one that nothing renews.</summary>
internal static class CertificateTimes
{
    /// <summary>What to do about an authority that is not valid: it cannot sign another that its clients would take.</summary>
    public const string MakeAnew = "Make the authority anew: take the folder 'tls' out of the data folder, run 'devicemqtt cert init', restart, and give each board its files anew ('device add NAME --replace')";

    /// <summary>Why it is not valid now; null when it is.</summary>
    /// <param name="certificate">Which.</param>
    /// <param name="now">The time.</param>
    public static string? WhyNot(X509Certificate2 certificate, DateTimeOffset now) =>
        now.UtcDateTime < certificate.NotBefore.ToUniversalTime() ? $"is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} on, and not yet"
        : now.UtcDateTime > certificate.NotAfter.ToUniversalTime() ? $"has ended on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}" : null;

    /// <summary>Why an authority cannot sign what clients take now, with what to do; null when it can.</summary>
    /// <param name="authority">Which.</param>
    /// <param name="now">The time.</param>
    public static string? WhyNoAuthority(X509Certificate2 authority, DateTimeOffset now) =>
        WhyNot(authority, now) is { } why ? $"the authority {why}, by this machine's clock ({now.UtcDateTime:yyyy-MM-dd}): clients that look at the time do not connect, and 'cert renew' does not change that. If the clock is wrong, set it. If it is right: {char.ToLowerInvariant(MakeAnew[0])}{MakeAnew[1..]}" : null;
}
