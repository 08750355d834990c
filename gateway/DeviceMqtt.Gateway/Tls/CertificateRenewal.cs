using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>
/// Renews the gateway's own certificate when a third of its time is left, with the names that it has. A certificate of somebody else, or an authority
/// whose key is kept elsewhere, is a matter for people: the log says when it is time.
/// </summary>
/// <param name="folder">The gateway's own certificates; null when it uses others.</param>
/// <param name="log">For what was done, or has to be.</param>
/// <param name="time">The clock.</param>
internal sealed class CertificateRenewal(CertificateFolder? folder, ILogger log, TimeProvider time)
{
    private const int LeftShare = 3;
    // Between two tries, and two lines about it.
    private static readonly TimeSpan Quiet = TimeSpan.FromHours(6);
    private long? _triedAt; // of running time: a clock that was years ahead for a moment does not end the tries

    /// <summary>Looks at the certificate that is in use.</summary>
    public void Look(TlsState current, string file)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset until = new(current.Certificate.NotAfter);
        // Its beginning is that of the authority: the time it was made for is what counts.
        TimeSpan whole = TimeSpan.FromTicks(Math.Min((until - new DateTimeOffset(current.Certificate.NotBefore)).Ticks, TimeSpan.FromDays(CertificateMaker.ServerDays).Ticks));
        // A clock that says a time before the certificate was made is wrong, and what it would sign, too.
        if (until - now > whole / LeftShare || now < new DateTimeOffset(current.Certificate.NotBefore))
            return;
        if (_triedAt is { } tried && time.GetElapsedTime(tried) < Quiet)
            return;
        _triedAt = time.GetTimestamp();
        if (folder is not { HasKey: true } || !TryRenew(folder, current.Certificate, now))
            log.CertificateEnds(file, until.UtcDateTime);
    }

    private bool TryRenew(CertificateFolder own, X509Certificate2 certificate, DateTimeOffset now)
    {
        try
        {
            if (new DateTimeOffset(own.ReadAuthorities()[0].NotAfter) <= now)
                return false; // or the clock is wrong
            (IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses) = CertificateFolder.NamesOf(certificate);
            own.Renew(names, addresses, now);
            log.CertificateRenewed(own.PathOf(CertificateFolder.CertificateName));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException)
        {
            log.CertificateNotRenewed(exception.Message);
            return false;
        }
    }
}
