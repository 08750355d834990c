using System.Net;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>TLS for a listener of Kestrel's: the gate before the handshake, Kestrel's own part, and who the client is behind it.</summary>
/// <param name="files">The certificates.</param>
/// <param name="gate">Lets handshakes begin.</param>
/// <param name="certified">Connections that end when their certificate is not taken any more.</param>
/// <param name="limits">How long a handshake may take.</param>
/// <param name="log">For what cannot be.</param>
internal sealed class TlsConnections(TlsFiles files, HandshakeGate gate, CertifiedClients certified, GatewayLimits limits, ILogger log)
{
    /// <summary>What TLS takes in memory for a connection that stays, beside the connection itself. Measured: 48 KB in all (gateway/docs/performance.md).</summary>
    public const int MemoryBytes = 38 * 1024;

    /// <summary>Puts TLS on a listener; what is added behind serves secure connections.</summary>
    public void Apply(ListenOptions listen, bool isHttp)
    {
        listen.Use(next => connection => gate.RunAsync(connection, isHttp, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TimeSpan.FromSeconds(limits.HandshakeSecondsMax),
            OnConnection = _ => ValueTask.FromResult(isHttp ? files.Current.Http : files.Current.Mqtt),
        });
        listen.Use(static next => connection =>
        {
            connection.Features.Get<Handshake>()!.Done();
            Handshake.Current = null;
            return next(connection);
        });
    }

    /// <summary>What the chain of a client's certificate takes beside that, in bytes: with its place among those that may end, and what tells its user. Chosen: twice what the objects add up to.</summary>
    public const int CertificateBytes = 1024;

    /// <summary>Who a client is.</summary>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="certificate">Its own; null for none.</param>
    public EndPoint? Identify(EndPoint? remote, X509Certificate2? certificate) =>
        certificate is not null && ClientChain.TryFind(certificate, out ClientChain? chain) ? ClientEndPoint.With(remote, new ShownCertificate(chain, files, certified)) : remote;

    /// <summary>Serves a connection, which ends when its client's certificate is not taken any more.</summary>
    public async Task ServeAsync(object connection, X509Certificate2? certificate, EndPoint? remote, Action abort, Func<Task> serve)
    {
        if (certificate is null)
        {
            await serve();
            return;
        }

        if (!ClientChain.TryFind(certificate, out ClientChain? chain))
        {
            log.CertificateUnknown(remote); // nobody could end it
            abort();
            return;
        }

        certified.Add(connection, chain, remote, abort);
        try
        {
            // Between its handshake and now the lists may have changed.
            if (certified.WhyNot(chain) is null)
                await serve();
        }
        finally
        {
            certified.Remove(connection);
        }
    }

    /// <summary>What TLS takes for a connection, in bytes: <see cref="MemoryBytes"/>, and <see cref="CertificateBytes"/> where its client has shown a certificate.</summary>
    public static int BytesOf(X509Certificate2? certificate) => MemoryBytes + (certificate is null ? 0 : CertificateBytes);
}
