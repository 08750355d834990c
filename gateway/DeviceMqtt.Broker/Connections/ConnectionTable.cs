using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>All open connections: opened, watched for silence, ended. Owned by the turn.</summary>
internal sealed class ConnectionTable(BrokerState broker)
{
    private readonly HashSet<MqttConnection> _open = [];
    private readonly HalfOpenConnections _halfOpen = new();
    private readonly OverdueConnections _overdue = new(broker.Limits);

    // Those that end for others are counted until they have ended. Chosen: more than a few at once there never are.
    private const int EndingMax = 32;

    // Those that find no room and are open until their CONNECT is answered. Chosen: so many at once have their answer within moments.
    private const int BeyondMax = 16;

    // Sixteen reads of 4 KB are some 700 small messages, against which one trip through the thread pool weighs little.
    private const int TurnsInARowMax = 16;
    private MqttConnection? _lastTurn;
    private int _turnsInARow;
    private Action<ConnectionOutput, Exception>? _endFaulted;
    private long _nextId;

    // Silence only ever moves a deadline further away, so the earliest of a look is no later than any at the next.
    private long _nextLookMs;
    private const int StallLooks = 10;
    private bool _stopping;
    private int _beyond;
    private RichConnections? _rich;

    /// <summary>Makes room for who has little.</summary>
    public RichConnections Rich => _rich ??= new RichConnections(broker, _open);

    public int Count => _open.Count;

    /// <summary>Those whose CONNECT was accepted: none of them ends for a newcomer. A look from another thread is a little late.</summary>
    public int SettledCount => Math.Max(0, _open.Count - (int)broker.Owners[Good.HalfOpen].Used);

    /// <summary>All that are open.</summary>
    public IReadOnlyCollection<MqttConnection> Open => _open;

    /// <summary>Takes a new connection in.</summary>
    /// <returns>Null when there is no room or the gateway stops; the caller ends the transport.</returns>
    public MqttConnection? TryOpen(IDuplexPipe pipes, EndPoint? remote, ITransport transport, int transportBytes = 0)
    {
        _nextId++;
        if (_stopping)
        {
            Report(new ClientName(_nextId, null, null, remote, IsLetIn: false), CloseReason.ServerShuttingDown, detail: null);
            return null;
        }

        GatewayLimits limits = broker.Limits;
        Owner from = broker.Owners.At(remote);
        int bytes = MemoryCost.Connection + transportBytes;
        bool isBeyond = !HasRoomFor(from, bytes);
        if (isBeyond && !MayBeBeyond(from, bytes))
        {
            Report(new ClientName(_nextId, null, null, remote, IsLetIn: false), CloseReason.QuotaExceeded, WhyNoRoom(from, bytes));
            return null;
        }

        _endFaulted ??= EndFaulted; // one for all: it would be there for each connection
        Account memory = new(limits.ConnectionMemoryBytesMax + (long)limits.PacketBytesMax + limits.OutputBytesMax + transportBytes, from[Good.Memory]);
        memory.Take(bytes);
        ConnectionOutput output = new(pipes.Output, broker.Turn, broker.Counters.Clients, limits.OutputBytesMax, memory) { Faulted = _endFaulted };
        MqttConnection connection = new(_nextId, remote, pipes.Input, output, transport) { Address = from, Memory = memory, RestBytes = bytes, IsBeyond = isBeyond, LastReceivedMs = broker.Turn.NowMs };
        connection.BelongTo(from);
        _beyond += isBeyond ? 1 : 0;
        _halfOpen.Add(connection);
        _open.Add(connection);
        LookAtLatest(connection.LastReceivedMs + (broker.Limits.ConnectSecondsMax * 1000L));
        broker.Counters.ConnectionsOpened++;
        broker.Events.ConnectionOpened(connection.Id, remote);
        return connection;
    }

    /// <summary>
    /// One more turn of a connection. The thread that polls the sockets also reads them and runs the turns, and it stays
    /// with a connection for as long as there is more to read: without a limit one that never runs dry would keep it, and
    /// nobody else, not even the subscriber of its messages, would ever be looked at.
    /// </summary>
    /// <returns>True when it has had so many turns in a row that it has to go on elsewhere.</returns>
    public bool CountTurn(MqttConnection connection)
    {
        _turnsInARow = connection == _lastTurn ? _turnsInARow + 1 : 1;
        _lastTurn = connection;
        if (_turnsInARow < TurnsInARowMax)
            return false;
        _turnsInARow = 0;
        return true;
    }

    /// <summary>The connection has ended: its Session is told, once, unless a newer connection has it.</summary>
    public void Close(MqttConnection connection)
    {
        if (!_open.Remove(connection))
            return;
        GiveBack(connection);
        Report(connection.Name, connection.CloseReason, connection.CloseDetail);
        if (connection.Session is { } session && session.Connection == connection)
            broker.Sessions.Leave(session, connection.CloseReason);
    }

    /// <summary>An operator ends a Session, with its connection if it has one; its Will is published.</summary>
    public void EndByOperator(Session session)
    {
        if (session.Connection is not { } connection)
        {
            broker.Sessions.End(session).ForNobody(); // no client waits for an answer
            return;
        }

        session.ExpirySeconds = 0; // ends with the connection
        connection.Close(CloseReason.EndedByOperator, "an operator has ended the session", ReasonCode.AdministrativeAction);
    }

    /// <summary>The client is accepted: its Keep Alive counts from now on.</summary>
    public void Connected(MqttConnection connection)
    {
        _halfOpen.Remove(connection);
        LeftBeyond(connection);
        LookAtKeepAlive(connection);
    }

    /// <summary>Closes those that were silent for too long, or do not read, a slice at a time. Looks at none before the first of them can be due.</summary>
    public void CloseOverdue(long nowMs)
    {
        if (nowMs < _nextLookMs || _overdue.Count > 0)
            return;
        long stallMs = broker.Limits.OutputStallSecondsMax * 1000L;
        // Whoever begins to stall after this look is found by the next.
        _nextLookMs = nowMs + Math.Clamp(stallMs / StallLooks, 1000, 10_000);
        foreach (MqttConnection connection in _open)
        {
            if (connection.Session is null)
                LookAtLatest(connection.LastReceivedMs + (broker.Limits.ConnectSecondsMax * 1000L));
            else
                LookAtKeepAlive(connection);
            if (connection.Output.StalledSinceMs != 0)
            {
                connection.LookForProgress();
                LookAtLatest(nowMs); // and again every second
            }

            if (_overdue.IsOverdue(connection, nowMs))
                _overdue.Add(connection);
        }

        if (_overdue.Count > 0)
            broker.Turn.Jobs.Start(_overdue);
    }

    /// <summary>Closes all for a clean stop of the gateway. No Will is published: the clients did not fail.</summary>
    public void CloseAll()
    {
        _stopping = true;
        foreach (MqttConnection connection in _open)
            connection.Close(CloseReason.ServerShuttingDown, code: ReasonCode.ServerShuttingDown);
    }

    // Who has least finds room first at the cost of those that have most: strangers only while they have little together, for they need no password.
    private bool HasRoomFor(Owner from, int bytes)
    {
        bool isFull = _open.Count >= broker.Limits.ConnectionsMax;
        if (_open.Count >= broker.Limits.ConnectionsMax + EndingMax)
            return false;
        bool isForMemory = !isFull && from[Good.HalfOpen].HasRoomFor(1) && !from[Good.Memory].HasRoomFor(bytes);
        if (isForMemory && broker.Owners.HaveStrangersLittle && Rich.TryMakeRoom(from, bytes))
            return true;
        return _halfOpen.TryMakeRoom(from, isFull, bytes) || (isForMemory && Rich.TryMakeRoom(from, bytes));
    }

    // Its CONNECT is answered, and finds room then if it is an operator's.
    private bool MayBeBeyond(Owner from, int bytes) =>
        _beyond < BeyondMax && _open.Count < broker.Limits.ConnectionsMax && from[Good.HalfOpen].HasRoomFor(1) && from[Good.Memory].Left >= bytes;

    private string WhyNoRoom(Owner from, int bytes)
    {
        GatewayLimits limits = broker.Limits;
        Account halfOpen = from[Good.HalfOpen];
        if (_open.Count >= limits.ConnectionsMax)
            return $"{_open.Count} connections are open, and Limits:ConnectionsMax is {limits.ConnectionsMax}";
        if (halfOpen.Left < 1)
            return $"{from.Name} has {halfOpen.Used} connections without a CONNECT, its share of Limits:HalfOpenConnectionsMax (Limits:SharePercentMax)";
        if (!halfOpen.HasRoomFor(1))
            return $"{broker.Owners[Good.HalfOpen].Used} connections have no CONNECT yet, and Limits:HalfOpenConnectionsMax is {broker.Owners[Good.HalfOpen].Max}";
        return broker.Owners.WhyNoMemory(from, bytes);
    }

    private void GiveBack(MqttConnection connection)
    {
        connection.WaitsForDisk = false;
        LeftBeyond(connection);
        if (connection.IsCounted)
            connection.Owner[Good.Connections].Give(1);
        _halfOpen.Remove(connection);
        connection.Memory.GiveAll();
        _ = connection.Spend(broker.Turn.MonotonicUs());
        connection.Owner.RemoveReference();
        Rich.Ended(connection);
    }

    private void LeftBeyond(MqttConnection connection)
    {
        _beyond -= connection.IsBeyond ? 1 : 0;
        connection.IsBeyond = false;
    }

    private void EndFaulted(ConnectionOutput output, Exception fault)
    {
        if (_open.FirstOrDefault(c => c.Output == output) is not { } connection)
            return; // It has ended meanwhile.
        broker.Events.ConnectionFailed(fault, connection.Name);
        connection.Close(CloseReason.InternalError, fault.Message);
    }

    private void LookAtKeepAlive(MqttConnection connection)
    {
        if (connection.KeepAliveMs > 0)
            LookAtLatest(connection.LastReceivedMs + connection.KeepAliveMs);
    }

    private void LookAtLatest(long ms) => _nextLookMs = Math.Min(_nextLookMs, ms);

    private void Report(in ClientName client, CloseReason reason, string? detail)
    {
        broker.Counters.Close(reason);
        broker.Events.ConnectionEnded(client, reason, detail);
    }
}
