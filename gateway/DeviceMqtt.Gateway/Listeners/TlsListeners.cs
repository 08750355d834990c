using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Broker;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>MQTT over TLS: Kestrel's server, whose handshakes these are. Made only where a listener wants it.</summary>
internal sealed class TlsListeners : IAsyncDisposable
{
    private readonly IReadOnlyList<IPEndPoint> _wanted;
    private readonly TlsConnections _tls;
    private readonly ProxyHeaders _proxies;
    private readonly MqttBroker _broker;
    private readonly TimeProvider _time;
    private readonly WebApplication _app;
    private readonly List<ListenOptions> _listening = [];

    public TlsListeners(IReadOnlyList<IPEndPoint> endPoints, TlsConnections tls, ProxyHeaders proxies, MqttBroker broker, ILoggerFactory loggers, TimeProvider time)
    {
        _wanted = endPoints;
        _tls = tls;
        _proxies = proxies;
        _broker = broker;
        _time = time;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets(TransportSettings.ApplyForTls).ConfigureKestrel(kestrel =>
        {
            foreach (IPEndPoint endPoint in endPoints)
                kestrel.Listen(endPoint, Listen);
        });
        builder.Services.AddSingleton<ILoggerFactory>(new HandshakeLoggers(loggers));
        _app = builder.Build();
    }

    /// <summary>The addresses with their real ports, once started.</summary>
    public IEnumerable<IPEndPoint> EndPoints => _listening.Select(static listen => listen.IPEndPoint!);

    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            await _app.StartAsync(cancellation);
        }
        catch (SocketException exception)
        {
            throw ListenFailure.Name(exception, _wanted);
        }
    }

    public Task StopAsync(CancellationToken cancellation) => _app.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Listen(ListenOptions listen)
    {
        _listening.Add(listen);
        listen.Use(next => async connection =>
        {
            if (await _proxies.AdmitAsync(connection))
                await next(connection);
        });
        _tls.Apply(listen, isHttp: false);
        listen.Run(ServeAsync);
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        await ServeMqttAsync(connection);
        // What is still on its way gets its time, and a client that does not read no more than that.
        _ = AbortLaterAsync(connection);
    }

    private async Task AbortLaterAsync(ConnectionContext connection)
    {
        await Task.Delay(WebSocketTransport.CloseTimeout, _time, connection.ConnectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!connection.ConnectionClosed.IsCancellationRequested)
            connection.Abort();
    }

    private Task ServeMqttAsync(ConnectionContext connection)
    {
        Socket? socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        X509Certificate2? certificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;
        EndPoint? remote = _tls.Identify(connection.RemoteEndPoint, certificate);
        return _tls.ServeAsync(connection, certificate, remote, connection.Abort, () =>
            _broker.ServeAsync(connection.Transport, remote, connection.Abort, socket, TlsConnections.BytesOf(certificate)));
    }
}
