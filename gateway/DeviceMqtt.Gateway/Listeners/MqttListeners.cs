using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Polling;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// MQTT over TCP: sockets that one thread polls, or Kestrel's socket transport by itself. The server around that would walk all connections once a second,
/// keep half a kilobyte for each, and take a third of the time to start (gateway/docs/performance.md).
/// </summary>
/// <param name="endPoints">Addresses.</param>
/// <param name="dataFolder">Where the socket for the command line is made (<see cref="ControlSocket"/>); null for none.</param>
/// <param name="proxies">Reads who is behind a proxy.</param>
/// <param name="polls">One thread polls the sockets, where the system can.</param>
/// <param name="broker">What serves the connections.</param>
/// <param name="loggers">For what goes wrong.</param>
internal sealed class MqttListeners(IReadOnlyList<IPEndPoint> endPoints, string? dataFolder, ProxyHeaders proxies, bool polls, MqttBroker broker, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan CutOffTimeout = TimeSpan.FromSeconds(1);
    private readonly ILogger _log = loggers.CreateLogger("Connections");
    private readonly List<IConnectionListener> _listeners = [];
    private readonly List<PolledListener> _polled = [];
    private readonly List<Task> _accepting = [];
    private Poller? _poller;
    private Action<PolledConnection, Exception?>? _over; // one for all
    private SocketTransportFactory? _factory;

    // Also those that have ended for the broker, and whose last bytes are still on their way.
    private readonly HashSet<ConnectionContext> _served = [];
    private TaskCompletionSource? _idle;

    /// <summary>The addresses with their real ports, once started.</summary>
    public IEnumerable<IPEndPoint> EndPoints => _listeners.Select(static listener => listener.EndPoint).Concat(_polled.Select(static listener => listener.EndPoint)).OfType<IPEndPoint>();

    /// <inheritdoc cref="Poller.LookNumber"/>
    public static long LookNumber => Poller.LookNumber;

    /// <summary>Connections whose socket is not closed yet.</summary>
    public int SocketCount
    {
        get
        {
            lock (_served)
                return _served.Count;
        }
    }

    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (polls && OperatingSystem.IsLinux())
            _poller = new Poller(broker.State.Turn, _log);
        foreach (IPEndPoint endPoint in endPoints)
        {
            try
            {
                await ListenAsync(endPoint, cancellation);
            }
            catch (AddressInUseException exception)
            {
                throw new IOException($"{endPoint}", exception);
            }
            catch (SocketException exception)
            {
                throw ListenFailure.Name(exception, endPoint);
            }
        }

        if (dataFolder is not null && ControlSocket.Prepare(dataFolder, loggers.CreateLogger("Security")) is { } control)
        {
            await ListenAsync(control, cancellation);
            ControlSocket.Restrict(control);
        }

        foreach (IConnectionListener listener in _listeners)
            _accepting.Add(AcceptAsync(listener));
        foreach (PolledListener listener in _polled)
            listener.Start();
    }

    private async Task ListenAsync(EndPoint endPoint, CancellationToken cancellation)
    {
        if (_poller is not null)
        {
            _polled.Add(new PolledListener(_poller, endPoint, Serve, _log));
            return;
        }

        _factory ??= KestrelSockets();
        _listeners.Add(await _factory.BindAsync(endPoint, cancellation));
    }

    private SocketTransportFactory KestrelSockets()
    {
        SocketTransportOptions sockets = new();
        TransportSettings.Apply(sockets);
        return new SocketTransportFactory(Options.Create(sockets), new ScopelessLoggers(loggers));
    }

    /// <summary>Nobody more comes in; returns when everybody is gone. Who is not by <paramref name="cancellation"/> is cut off.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        foreach (IConnectionListener listener in _listeners)
            await listener.UnbindAsync(cancellation);
        foreach (PolledListener listener in _polled)
            listener.Dispose();
        await Task.WhenAll(_accepting).WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await WhenIdle().WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task idle = WhenIdle();
        if (idle.IsCompleted)
            return;
        lock (_served)
        {
            foreach (ConnectionContext connection in _served)
                connection.Abort();
        }

        await idle.WaitAsync(CutOffTimeout, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IConnectionListener listener in _listeners)
            await listener.DisposeAsync();
        foreach (PolledListener listener in _polled)
            listener.Dispose();
        _poller?.Dispose();
    }

    private void Serve(ConnectionContext connection)
    {
        lock (_served)
            _ = _served.Add(connection);
        _ = ServeAsync(connection);
    }

    private async Task AcceptAsync(IConnectionListener listener)
    {
        try
        {
            while (await listener.AcceptAsync() is { } connection)
                Serve(connection);
        }
        catch (Exception exception)
        {
            // The transport goes on after what can happen to one connection; this is the end of the listener.
            _log.ListenerFailed(exception, listener.EndPoint);
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        try
        {
            if (await proxies.AdmitAsync(connection) && !await ServeToEndAsync(connection))
                return;
        }
        catch (Exception exception)
        {
            _log.TransportFailed(exception, connection.RemoteEndPoint);
        }

        await EndAsync(connection);
    }

    /// <returns>False when it goes on, and says itself when it is over: a method that waited for it would be there for each connection.</returns>
    private async ValueTask<bool> ServeToEndAsync(ConnectionContext connection)
    {
        EndPoint? remote = connection.LocalEndPoint is UnixDomainSocketEndPoint ? LocalEndPoint.Instance : connection.RemoteEndPoint;
        if (connection is not PolledConnection polled)
        {
            await broker.ServeAsync(connection.Transport, remote, connection.Abort, connection.Features.Get<IConnectionSocketFeature>()?.Socket);
            return true;
        }

        polled.Served = _over ??= Over;
        _ = broker.ServeTransportAsync(polled, remote, polled);
        return false;
    }

    private void Over(PolledConnection connection, Exception? fault)
    {
        if (fault is not null)
            _log.TransportFailed(fault, connection.RemoteEndPoint);
        _ = EndAsync(connection);
    }

    // However it was served: a socket that nobody closes is a file less for good.
    private async Task EndAsync(ConnectionContext connection)
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception exception)
        {
            _log.TransportFailed(exception, connection.RemoteEndPoint);
        }
        finally
        {
            Served(connection);
        }
    }

    private void Served(ConnectionContext connection)
    {
        lock (_served)
        {
            _ = _served.Remove(connection);
            if (_served.Count == 0)
                _idle?.TrySetResult();
        }
    }

    private Task WhenIdle()
    {
        lock (_served)
        {
            if (_served.Count == 0)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }
}
