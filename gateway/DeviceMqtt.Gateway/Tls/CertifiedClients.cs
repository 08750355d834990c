using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>Connections whose client has shown a certificate, so that they end when it is revoked. Safe from any thread; bounded by the connections.</summary>
internal sealed class CertifiedClients(ILogger log)
{
    private readonly ConcurrentDictionary<object, (X509Certificate2 Certificate, EndPoint? Remote, Action Abort)> _open = [];

    /// <summary>A connection that is to be ended when its certificate is revoked.</summary>
    /// <param name="connection">Names it for <see cref="Remove"/>.</param>
    /// <param name="certificate">Its client's.</param>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="abort">Ends it.</param>
    public void Add(object connection, X509Certificate2 certificate, EndPoint? remote, Action abort) => _open[connection] = (certificate, remote, abort);

    public void Remove(object connection) => _open.TryRemove(connection, out _);

    /// <summary>Ends those whose certificate is not taken any more.</summary>
    public void EndRevoked(RevokedCertificates revoked)
    {
        foreach ((X509Certificate2 certificate, EndPoint? remote, Action abort) in _open.Values)
        {
            if (!revoked.Contains(certificate))
                continue;
            log.CertificateRevoked(certificate.Subject, certificate.SerialNumber, remote);
            abort();
        }
    }
}
