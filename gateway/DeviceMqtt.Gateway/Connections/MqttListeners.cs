using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Observability;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>
/// MQTT over TCP: Kestrel by itself, without the web host around it, which would cost a third of the time to start and
/// 8 MB (gateway/docs/performance.md).
/// </summary>
internal sealed class MqttListeners : IDisposable
{
    private readonly KestrelServer _server;
    private readonly IReadOnlyList<IPEndPoint> _wanted;
    private readonly List<ListenOptions> _listening = [];

    public MqttListeners(IReadOnlyList<IPEndPoint> endPoints, ConnectionLoop loop, ILoggerFactory loggers)
    {
        _wanted = endPoints;
        SocketTransportOptions sockets = new();
        TransportSettings.Apply(sockets);
        KestrelServerOptions options = new();
        foreach (IPEndPoint endPoint in endPoints)
        {
            options.Listen(endPoint, listen =>
            {
                listen.Run(connection =>
                {
                    Socket? socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
                    return loop.RunAsync(connection.Transport, connection.RemoteEndPoint, connection.Abort, () => TcpProgress.BytesAcknowledged(socket));
                });
                _listening.Add(listen);
            });
        }

        loggers = new ScopelessLoggers(loggers);
        _server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(sockets), loggers), loggers);
    }

    /// <summary>The addresses with their real ports, once started.</summary>
    public IEnumerable<IPEndPoint> EndPoints => _listening.Select(static listen => listen.IPEndPoint!);

    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            await _server.StartAsync(new NoHttp(), cancellation);
        }
        catch (SocketException exception)
        {
            throw ListenFailure.Name(_wanted, exception);
        }
    }

    public Task StopAsync(CancellationToken cancellation) => _server.StopAsync(cancellation);

    public void Dispose() => _server.Dispose();

    /// <summary>Kestrel is an HTTP server that wants an application; every connection here ends in the connection loop instead.</summary>
    private sealed class NoHttp : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => Task.CompletedTask;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
            // Nothing was made.
        }
    }
}
