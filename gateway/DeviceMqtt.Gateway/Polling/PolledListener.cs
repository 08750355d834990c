using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Observability;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Polling;

/// <summary>Takes the connections to one address. Where the process has no file left for one, it waits until it has, and says so.</summary>
internal sealed class PolledListener : IPolled, IDisposable
{
    private const int AtOnceMax = 64; // of one look, before others are served
    private const int Backlog = 4096;
    private const int SaysAgainMs = 60_000; // chosen: a line a minute, for as long as there are no files

    private readonly Poller _poller;
    private readonly Socket _listening;
    private readonly Action<ConnectionContext> _accepted;
    private readonly ILogger _log;
    private bool _isPaused; // by the poller's thread
    private long _saidMs = -SaysAgainMs;

    // It may be closed by any thread, and its number be another file's at once. Held for system calls that do not wait.
    private readonly Lock _lock = new();
    private ulong _place;
    private bool _isClosed;

    /// <param name="poller">What watches it.</param>
    /// <param name="endPoint">Where to listen.</param>
    /// <param name="accepted">Serves a connection. On the poller's thread.</param>
    /// <param name="log">For what goes wrong.</param>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public PolledListener(Poller poller, EndPoint endPoint, Action<ConnectionContext> accepted, ILogger log)
    {
        (_poller, _accepted, _log) = (poller, accepted, log);
        _listening = Listen(endPoint);
        EndPoint = _listening.LocalEndPoint!;
        LinuxSockets.SetNonBlocking(Handle);
    }

    /// <summary>With its real port.</summary>
    public EndPoint EndPoint { get; }

    private int Handle => (int)_listening.Handle;

    /// <summary>Takes connections from now on. Those who came before wait in the kernel.</summary>
    /// <exception cref="SocketException">The kernel has no memory.</exception>
    public void Start()
    {
        lock (_lock)
        {
            if (!_isClosed)
                _place = _poller.Add(this, Handle, LinuxSockets.In);
        }
    }

    /// <inheritdoc/>
    public void Happened(uint events)
    {
        for (int i = 0; i < AtOnceMax && !_isPaused; i++)
        {
            int socket = Accept(out EndPoint? remote);
            if (socket >= 0)
                Serve(socket, remote);
            else if (-socket is LinuxSockets.TooManyFiles or LinuxSockets.TooManyFilesOfAll or LinuxSockets.NoMemory or LinuxSockets.NoBuffers)
                Pause(-socket);
            else if (socket == -LinuxSockets.Again)
                return; // what else can be is the end of that one connection (accept(2))
        }
    }

    /// <summary>Nobody more comes in.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            if (_place != 0)
                _poller.Forget(_place);
            _listening.Dispose();
        }
    }

    private int Accept(out EndPoint? remote)
    {
        remote = null;
        lock (_lock)
            return _isClosed ? -LinuxSockets.Again : LinuxSockets.Accept(Handle, out remote);
    }

    private void WatchFor(uint events)
    {
        lock (_lock)
        {
            if (!_isClosed)
                _poller.Change(_place, Handle, events);
        }
    }

    private void Serve(int socket, EndPoint? remote)
    {
        PolledConnection connection;
        try
        {
            connection = new PolledConnection(_poller, socket, EndPoint, remote ?? EndPoint);
        }
        catch (Exception exception)
        {
            LinuxSockets.CloseFile(socket);
            _log.TransportFailed(exception, remote);
            return;
        }

        _accepted(connection);
    }

    private void Pause(int error)
    {
        _isPaused = true;
        _poller.LookAgain.Add(GoOn);
        WatchFor(0);
        if (Environment.TickCount64 - _saidMs < SaysAgainMs)
            return;
        _saidMs = Environment.TickCount64;
        _log.ListenerWaits(EndPoint, LinuxSockets.TextOf(error));
    }

    private void GoOn()
    {
        _isPaused = false;
        WatchFor(LinuxSockets.In);
    }

    private static Socket Listen(EndPoint endPoint)
    {
        Socket socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }; // what it accepts has that from it (tcp(7))
        try
        {
            // MQTT has no other stream for bytes that are sent as urgent: they stay where they were sent. What it accepts has that from it, too.
            if (endPoint is IPEndPoint)
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.OutOfBandInline, optionValue: true);
            if (endPoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
