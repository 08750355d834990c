using System.Net;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Presence;

/// <summary>
/// Who is there, as the gateway itself sees it: <c>$gw/presence/{clientId}</c>, which nobody else can publish.
/// <list type="bullet">
/// <item>A change is told at the end of the packet that made it, once, and as it is then: a take-over is one change, and an old connection never has the last word.</item>
/// <item>What a later subscriber gets is made when it subscribes (<see cref="PresenceCursor"/>): while nobody asks, nothing is made, matched or kept but 80 bytes a client.</item>
/// <item>After a restart nobody is online until it is seen. Devices that were here before are shown as offline.</item>
/// <item>A client that is no device is forgotten when it is gone.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class PresenceBook(Ground ground, Mailboxes mailboxes, TopicTree tree)
{
    private readonly Dictionary<string, ClientPresence> _byClient = new(StringComparer.Ordinal);
    private readonly HashSet<string> _due = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly PresenceText _text = new();
    private Expiry? _expiry;

    /// <summary>Publishes what is told: topic, payload, retained.</summary>
    public Action<string, byte[], bool>? Publish { get; set; }

    /// <summary>Every client that something is known of.</summary>
    public IReadOnlyCollection<string> Clients => _byClient.Keys;

    public ClientPresence? Find(string clientId) => _byClient.GetValueOrDefault(clientId);

    /// <summary>What is told of a client now; null when nothing is known of it.</summary>
    public byte[]? PayloadOf(string clientId) =>
        Find(clientId) is { } presence ? _text.Of(presence, ground.Clock, ground.GatewayAddress) : null;

    /// <summary>A client has its CONNACK.</summary>
    /// <param name="clientId">One that others can name.</param>
    /// <param name="connection">The number of its connection.</param>
    /// <param name="remote">Where it comes from.</param>
    public void Connected(string clientId, long connection, EndPoint? remote)
    {
        ClientPresence presence = Find(clientId) ?? Add(clientId);
        if (!presence.IsOnline)
            presence.SinceMs = ground.Turn.NowMs; // in its grace it was never away
        presence.IsOnline = true;
        presence.Reason = PresenceReason.Connected;
        presence.Connection = connection;
        presence.Remote = remote;
        presence.BackAtMs = 0;
        presence.DueMs = 0;
        _ = _due.Remove(clientId);
        Changed(clientId);
        TellEvent(clientId, ConnectionEvent.Connect, connection, remote);
    }

    /// <summary>The connection of a client is gone.</summary>
    /// <param name="clientId">Which.</param>
    /// <param name="reason">Why.</param>
    /// <param name="graceSeconds">So long it is shown as online all the same, unless it has said that it goes.</param>
    public void Left(string clientId, CloseReason reason, uint graceSeconds)
    {
        if (Find(clientId) is not { IsOnline: true } presence)
            return;
        if (reason is CloseReason.ClientDisconnected or CloseReason.ClientDisconnectedWithWill)
            TellEvent(clientId, ConnectionEvent.Disconnect, presence.Connection, presence.Remote);
        TellEvent(clientId, ConnectionEvent.TcpClean, presence.Connection, presence.Remote);
        PresenceReason why = ReasonOf(reason);
        if (graceSeconds > 0 && presence.BackAtMs == 0 && why is PresenceReason.Lost or PresenceReason.Silent)
        {
            presence.DueMs = ground.Turn.NowMs + (graceSeconds * 1000L);
            presence.ReasonWhenDue = why;
            _ = _due.Add(clientId);
            return;
        }

        GoOffline(clientId, presence, why);
    }

    /// <summary>A device has said that it goes to sleep, or, in a birth without that, that it does not.</summary>
    /// <param name="clientId">Which.</param>
    /// <param name="backAtMs">Monotonic milliseconds when it is to be back; <see cref="long.MaxValue"/> where that cannot be known, and 0 where it stays.</param>
    public void GoesToSleep(string clientId, long backAtMs)
    {
        // One that is away by now sleeps as it said; what a gateway below tells of it is of another place.
        if (Find(clientId) is { } presence && (backAtMs > 0 || presence.IsOnline))
            presence.BackAtMs = backAtMs;
    }

    /// <summary>A device that was here before the gateway started.</summary>
    public void Restore(string clientId)
    {
        ClientPresence presence = Add(clientId);
        presence.SinceMs = ground.Turn.NowMs;
        presence.Reason = PresenceReason.GatewayStarted;
    }

    /// <summary>After a recovery, before anybody may connect: whoever has asked, and waits on the disk or upstream, learns that nobody is online.</summary>
    /// <param name="told">Called for each.</param>
    public void TellAll(Action told)
    {
        foreach (string clientId in _byClient.Keys.ToArray())
        {
            Changed(clientId);
            ground.Turn.RunFollowUps();
            told();
        }
    }

    /// <summary>The device is not known any more.</summary>
    public void Forget(string clientId)
    {
        if (Find(clientId) is { IsOnline: true })
            return; // it is here, and is forgotten when it is gone
        _ = _byClient.Remove(clientId);
        _ = _due.Remove(clientId);
    }

    /// <summary>Shows those whose time is over as what they are now, over as many turns as it takes. Once a second.</summary>
    public void Expire()
    {
        if (_due.Count > 0)
            ground.Turn.Jobs.Start(_expiry ??= new Expiry(this));
    }

    private void Expire(string clientId)
    {
        // It may have come back, or gone anew, since it was looked at.
        if (!_due.Contains(clientId) || _byClient[clientId] is not { } presence || presence.DueMs > ground.Turn.NowMs)
            return;
        presence.DueMs = 0;
        _ = _due.Remove(clientId);
        if (presence.IsOnline)
        {
            GoOffline(clientId, presence, presence.ReasonWhenDue);
        }
        else
        {
            presence.Reason = PresenceReason.Overdue;
            presence.SinceMs = ground.Turn.NowMs;
            Changed(clientId);
        }

        ground.Turn.RunFollowUps(); // to tell it belongs to the slice
    }

    private sealed class Expiry(PresenceBook book) : IJob
    {
        private readonly Queue<string> _over = new();

        public bool Writes => true;

        public string Name => "the look at who is shown as online";

        // The one at hand is out of the line, and is looked at again from the beginning if it is still due.
        public AfterFault Failed(Exception fault, Turn turn) => AfterFault.Later;

        public bool Run(Turn turn)
        {
            if (_over.Count == 0)
                foreach (string clientId in book._due)
                    if (book._byClient[clientId].DueMs <= turn.NowMs)
                        _over.Enqueue(clientId);
            while (!turn.IsSliceOverNow && _over.TryDequeue(out string? clientId))
                book.Expire(clientId);
            return _over.Count == 0;
        }
    }

    private ClientPresence Add(string clientId) => _byClient[clientId] = new ClientPresence();

    private void GoOffline(string clientId, ClientPresence presence, PresenceReason reason)
    {
        long nowMs = ground.Turn.NowMs;
        presence.IsOnline = false;
        presence.SinceMs = nowMs;
        presence.Reason = presence.BackAtMs == 0 ? reason : PresenceReason.Asleep;
        if (presence.BackAtMs is > 0 and < long.MaxValue)
        {
            long sleepMs = Math.Max(0, presence.BackAtMs - nowMs);
            presence.DueMs = presence.BackAtMs + SleepPatience.Ms(sleepMs);
            _ = _due.Add(clientId);
        }

        Changed(clientId);
    }

    // Told when the packet at hand is done with: a message of the gateway must not start inside another, and in the middle of a take-over nothing is true.
    private void Changed(string clientId)
    {
        if (_changed.Add(clientId))
            ground.Turn.FollowUp(() => Tell(clientId));
    }

    private void Tell(string clientId)
    {
        _ = _changed.Remove(clientId);
        if (MayBeWanted && PresenceTopic.BuildGateway(clientId) is var topic && Wanted(topic) && PayloadOf(clientId) is { } payload)
            Publish?.Invoke(topic, payload, true);
        if (Find(clientId) is { IsOnline: false } && !mailboxes.IsReachable(clientId))
            Forget(clientId);
    }

    private void TellEvent(string clientId, ConnectionEvent what, long connection, EndPoint? remote)
    {
        if (!ground.Presence.Events || !ClientId.TrySplitGroup(clientId, out string group, out _))
            return;
        string topic = ConnectionEventText.TopicOf(group);
        if (!Wanted(topic))
            return;
        byte[] payload = ConnectionEventText.Of(what, clientId, connection, remote, ground.Clock.ToUnixMs(ground.Turn.NowMs));
        ground.Turn.FollowUp(() => Publish?.Invoke(topic, payload, false));
    }

    // Mostly nobody wants any: then no text is made.
    private bool MayBeWanted => tree.HasReserved || ground.Upstreams.Tap is not null;

    private bool Wanted(string topic) => tree.HasReserved || ground.Upstreams.Tap?.Wants(topic) is true;

    private static PresenceReason ReasonOf(CloseReason reason) => reason switch
    {
        CloseReason.ClientDisconnected or CloseReason.ClientDisconnectedWithWill => PresenceReason.Disconnected,
        CloseReason.KeepAliveTimeout or CloseReason.PacketStalled => PresenceReason.Silent,
        CloseReason.ClientGone or CloseReason.OutputStalled => PresenceReason.Lost,
        CloseReason.ServerShuttingDown => PresenceReason.GatewayStops,
        _ => PresenceReason.Closed,
    };
}
