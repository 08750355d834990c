using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace DeviceMqtt.Gateway.Polling;

/// <summary>
/// A connection whose socket a <see cref="Poller"/> watches. Nothing is read ahead, and nothing kept while nothing is on its way. What reads it runs on the
/// poller's thread; what writes to it on any, one at a time.
/// </summary>
internal sealed class PolledConnection : ConnectionContext, IServed, IDuplexPipe, IPolled, ITransport
{
    private const uint Watched = LinuxSockets.In | LinuxSockets.Urgent | LinuxSockets.PeerHungUp | LinuxSockets.EdgeTriggered;
    private const int LeftUnreadMax = 64 * 1024; // chosen: what a client may have sent behind its last packet

    private static readonly IFeatureCollection _noFeatures = new FeatureCollection(0); // never written to

    private readonly Poller _poller;
    private readonly PolledReader _reader;
    private readonly PolledWriter _writer;
    private readonly ulong _place;
    private int _socket;
    private bool _watchesRoom;

    /// <param name="poller">What watches it.</param>
    /// <param name="socket">It is this connection's from now on.</param>
    /// <param name="local">Where it came in.</param>
    /// <param name="remote">Where it came from; null for a socket of this machine.</param>
    /// <exception cref="System.Net.Sockets.SocketException">It cannot be watched; the socket is the caller's.</exception>
    public PolledConnection(Poller poller, int socket, EndPoint? local, EndPoint? remote)
    {
        (_poller, _socket) = (poller, socket);
        _reader = new PolledReader(this);
        _writer = new PolledWriter(this);
        (LocalEndPoint, RemoteEndPoint) = (local, remote);
        _place = poller.Add(this, socket, Watched);
    }

    /// <summary>Whoever touches what two threads may has it. Held for system calls that do not wait, and never while others are told.</summary>
    public Lock Lock { get; } = new();

    /// <summary>It was cut off, or is closed. Under the lock.</summary>
    public bool IsOver { get; private set; }

    /// <summary>There may be something to read. Under the lock.</summary>
    public bool IsReadable { get; set; }

    /// <summary>The other side sends nothing more: behind what there is comes the end. Under the lock.</summary>
    public bool IsHungUp { get; private set; }

    /// <summary>Something was sent as urgent: a read ends before it although there is more, and nothing tells of that again. Under the lock.</summary>
    public bool HasUrgent { get; private set; }

    /// <summary>The other side sends nothing more, and a read has found the end of what there was: nothing is unread in the kernel. Under the lock.</summary>
    public bool IsReadToTheEnd { get; set; }

    /// <summary>Told when it was served, with what that failed with. One for all.</summary>
    public Action<PolledConnection, Exception?>? Served { get; set; }

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException();
    }

    public override string ConnectionId
    {
        get => "";
        set => throw new NotSupportedException();
    }

    public override IFeatureCollection Features => _noFeatures;

    public override IDictionary<object, object?> Items
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public void Happened(uint events)
    {
        bool reads, writes;
        lock (Lock)
        {
            if ((events & ~LinuxSockets.Out) != 0)
                IsReadable = true;
            HasUrgent |= (events & LinuxSockets.Urgent) != 0;
            if ((events & (LinuxSockets.PeerHungUp | LinuxSockets.HungUp | LinuxSockets.Error)) != 0)
                IsHungUp = true;
            reads = IsReadable && _reader.IsWaiting;
            writes = (events & (LinuxSockets.Out | LinuxSockets.HungUp | LinuxSockets.Error)) != 0 && _writer.IsWaiting;
        }

        if (writes)
            _writer.GoOn();
        if (reads)
            _reader.Wake();
    }

    /// <summary>Has the reader look again, on the poller's thread.</summary>
    public void WakeReader() => _poller.Post(static reader => ((PolledReader)reader!).Wake(), _reader);

    /// <summary>There was no room for all: the poller says when there is. Under the lock.</summary>
    public void WatchRoom()
    {
        if (_watchesRoom)
            return;
        _watchesRoom = true;
        _poller.Change(_place, _socket, Watched | LinuxSockets.Out);
    }

    /// <returns>As <see cref="LinuxSockets.Receive(int, Span{byte})"/>. By the reader alone.</returns>
    public int Receive(Span<byte> into) => LinuxSockets.Receive(_socket, into);

    /// <returns>As <see cref="LinuxSockets.Send(int, ReadOnlySpan{byte})"/>. Under the lock.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        int sent = LinuxSockets.Send(_socket, bytes);
        if (sent < 0 && sent != -LinuxSockets.Again)
            LinuxSockets.End(_socket); // where it is the kernel that had no memory, say: who reads has to see the end, too
        return sent;
    }

    /// <summary>Bytes that the client's machine has acknowledged on this connection; 0 where the kernel does not say.</summary>
    public long? BytesTaken()
    {
        Span<byte> info = stackalloc byte[TcpInfo.Bytes];
        return TcpInfo.BytesAckedOf(info, ReadTcpOption(TcpInfo.Option, info));
    }

    /// <returns>How much of the option was read; below 0 when it was not.</returns>
    public int ReadTcpOption(int option, Span<byte> into)
    {
        lock (Lock)
            return IsClosed ? -1 : LinuxSockets.ReadTcpOption(_socket, option, into);
    }

    /// <summary>Bytes that have arrived from the client and wait in the kernel; 0 when the connection is ending.</summary>
    public long? BytesUnread()
    {
        lock (Lock)
            return IsClosed ? 0 : LinuxSockets.BytesUnread(_socket);
    }

    /// <inheritdoc/>
    public void Ended(Exception? fault) => _poller.PostServed(this, fault);

    /// <inheritdoc/>
    public void TellServed(Exception? fault) => Served?.Invoke(this, fault);

    /// <inheritdoc/>
    public override void Abort() => Abort(new ConnectionAbortedException());

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        lock (Lock)
        {
            if (IsOver)
                return;
            IsOver = true;
            LinuxSockets.ResetAtClose(_socket);
            LinuxSockets.End(_socket);
        }

        PostTheEnd();
    }

    /// <summary>Closes the socket; what the kernel has is sent still, unless it was cut off. Nobody reads or writes it any more; who waits for a read or a flush still is told of the end.</summary>
    public override ValueTask DisposeAsync()
    {
        bool somebodyWaits;
        lock (Lock)
        {
            if (IsClosed)
                return base.DisposeAsync();
            IsOver = true;
            somebodyWaits = _writer.IsWaiting || _reader.IsWaiting;
            if (_writer.IsWaiting)
                LinuxSockets.ResetAtClose(_socket); // nobody waits for that
            else if (!IsReadToTheEnd)
                EndInOrder();
            _poller.Forget(_place);
            LinuxSockets.CloseFile(_socket);
            _socket = -1;
        }

        _reader.Forget();
        _writer.Forget();
        if (somebodyWaits)
            PostTheEnd();
        return base.DisposeAsync();
    }

    private bool IsClosed => _socket < 0;

    // A socket that is closed with something unread in it is a reset, and a reset overtakes what was sent: a client would not see why it was refused.
    private void EndInOrder()
    {
        byte[] block = Blocks.Take(Blocks.BytesMin);
        int left = LeftUnreadMax;
        while (left > 0 && LinuxSockets.Receive(_socket, block) is > 0 and int bytes)
        {
            // Mostly there is nothing, and the close does this.
            if (left == LeftUnreadMax)
                LinuxSockets.EndSending(_socket);
            left -= bytes;
        }

        Blocks.Give(block);
    }

    private void PostTheEnd() => _poller.Post(static connection => ((PolledConnection)connection!).TellTheEnd(), this);

    private void TellTheEnd()
    {
        _writer.GoOn();
        _reader.Wake();
    }
}
