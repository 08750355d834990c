using DeviceMqtt.Gateway.Connections;
using DeviceMqtt.Gateway.Durability;
using DeviceMqtt.Gateway.Durability.Records;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Peers;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Sessions;

/// <summary>All Sessions by Client Identifier, and their life: begin, resume, leave, end.</summary>
internal sealed class SessionRegistry(Broker broker, Mailboxes mailboxes)
{
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    // Only Sessions without a connection have a time that can come.
    private readonly HashSet<Session> _absent = [];
    private readonly Wills _wills = new(broker);
    private readonly Custody _custody = broker.Custody;

    public int Count => _sessions.Count;

    /// <summary>Sessions whose client is away.</summary>
    public int AbsentCount => _absent.Count;

    public bool IsFull => _sessions.Count >= broker.Limits.SessionsMax;

    public IReadOnlyCollection<Session> All => _sessions.Values;

    public Wills Wills => _wills;

    public Session? Find(string clientId) => _sessions.GetValueOrDefault(clientId);

    /// <summary>The client is gone, and its Will is not published yet.</summary>
    public bool HasWillToPublish(string clientId) => Find(clientId) is { IsConnected: false, Will: not null } || _wills.IsWaiting(clientId);

    /// <summary>The Session for an accepted CONNECT: the one there was, or a new one [MQTT-3.1.2-4 to 3.1.2-6].</summary>
    public Session Open(ConnectPacket connect, string clientId, ClientRole role, out bool isPresent)
    {
        Session? before = Find(clientId);
        if (before is not null && (connect.CleanStart || !before.IsDurable))
        {
            End(before);
            before = null;
        }

        isPresent = before is not null;
        Session session = before ?? Begin(clientId);
        _ = _absent.Remove(session);
        _wills.ClientIsBack(clientId);
        session.Role = role;
        session.SaysItIsABridge = connect.IsBridge || Relay.BridgeMark.IsIn(connect);
        BecomeBridge(session, session.SaysItIsABridge && role == ClientRole.Bridge);
        session.EndsAtMs = long.MaxValue;
        // A Will that waited for its delay is not published when the client is back in time [MQTT-3.1.3-9].
        session.Will = connect.Will is { } will ? new PendingWill(will) : null;
        _custody.WillIs(clientId, connect.Will);
        return session;
    }

    /// <summary>The Session has its connection and its terms.</summary>
    public void Begun(Session session)
    {
        if (session.IsDurable || session.IsOnDisk)
            _custody.SessionBegan(session);
    }

    /// <summary>The client has its CONNACK: what it missed follows.</summary>
    /// <param name="isDevice">The client chose its identifier, so that others can know it and messages may wait for it.</param>
    public void Welcome(Session session, bool isDevice)
    {
        long now = broker.Turn.NowMs;
        session.BeginResend();
        if (isDevice && Wire.ClientId.IsAddressable(session.ClientId) && mailboxes.Remember(session.ClientId, session.Role))
            broker.Upstream?.ClientKnown(session.ClientId);
        broker.Upstream?.ClientCame(session.ClientId, session.Will?.Message);
        mailboxes.MoveTo(session, now);
        session.Pump(now);
    }

    /// <summary>The network connection is gone. The Session stays for a while or ends, and the Will is published, waits or is dropped.</summary>
    public void Leave(Session session, CloseReason reason)
    {
        session.Detach();
        session.ReleasePublishers();
        long now = broker.Turn.NowMs;
        // [MQTT-3.1.2-10]; and the gateway's own clean stop is no failure of its clients: their Wills stay on disk, and are
        // published if they are not back when it is.
        if (reason is CloseReason.ClientDisconnected or CloseReason.ServerShuttingDown)
            session.Will = null;
        if (reason is CloseReason.ClientDisconnected)
            _custody.WillIs(session.ClientId, null);
        if (session.Will is { } first && session.Terms.WillGraceSeconds > 0)
        {
            _wills.PublishLater(session.ClientId, first.Message, now + (session.Terms.WillGraceSeconds * 1000L));
            session.Will = null;
        }
        else if (session.Will is { } will)
        {
            uint delay = Math.Min(will.Message.Properties.DelaySeconds, session.ExpirySeconds);
            will.DueMs = now + (delay * 1000L);
        }

        if (session.IsDurable)
            StayWithout(session, now);
        else
            End(session);
        // The gateway's own stop is none of its clients': the upstream is not to be told that they are well.
        if (reason is not CloseReason.ServerShuttingDown)
            broker.Upstream?.ClientLeft(session.ClientId);
    }

    private void StayWithout(Session session, long now)
    {
        session.EndsAtMs = now + (session.ExpirySeconds * 1000L);
        _ = _absent.Add(session);
        _custody.SessionLeft(session);
        PublishDueWill(session, now);
    }

    /// <summary>The Session of a recovery, whose client is away.</summary>
    /// <param name="record">Its terms.</param>
    /// <param name="leftMs">Monotonic milliseconds since when.</param>
    public Session Restore(in SessionRecord record, long leftMs)
    {
        Session session = Begin(record.ClientId);
        session.Restore(record.ExpirySeconds, record.IsBridge);
        session.EndsAtMs = leftMs + (record.ExpirySeconds * 1000L);
        _ = _absent.Add(session);
        return session;
    }

    /// <summary>Ends Sessions and publishes Wills whose time has come.</summary>
    public void Expire(long nowMs)
    {
        _wills.PublishDue(nowMs);
        if (_absent.Count == 0)
            return;
        foreach (Session session in _absent.Where(s => s.EndsAtMs <= nowMs || s.Will?.DueMs <= nowMs).ToArray())
        {
            if (session.EndsAtMs <= nowMs)
            {
                broker.Counters.SessionsExpired++;
                End(session);
            }
            else
                PublishDueWill(session, nowMs);
        }
    }

    /// <summary>Ends a Session: its subscriptions go, what waits is dropped and counted, a Will that waits is published [MQTT-3.1.2-8].</summary>
    public void End(Session session)
    {
        if (!_sessions.Remove(session.ClientId))
            return;
        _ = _absent.Remove(session);
        foreach (Subscription subscription in session.Subscriptions)
        {
            _ = broker.Tree.Remove(session, subscription.Filter);
            broker.GatewaysBelow.Unsubscribed(session, subscription.Filter);
        }

        long now = broker.Turn.NowMs;
        mailboxes.PutFirst(session.ClientId, session.End(now), now);
        if (session.IsOnDisk)
            _custody.SessionEnded(session);
        if (session.Will is { DueMs: < long.MaxValue })
            PublishWill(session);
    }

    // A client that is a bridge no more gets nothing that is for others.
    private void BecomeBridge(Session session, bool isBridge)
    {
        if (session.IsBridge && !isBridge)
            foreach (Subscription subscription in session.Subscriptions)
                broker.GatewaysBelow.Unsubscribed(session, subscription.Filter);
        session.IsBridge = isBridge;
    }

    private Session Begin(string clientId)
    {
        GatewayLimits limits = broker.Limits;
        Session session = new(clientId, limits, _custody,
            new MessageQueue(limits.QueueMessagesMax, limits.QueueBytesMax, broker.Budget, _custody, DropReason.SessionQueueFull));
        _sessions.Add(clientId, session);
        return session;
    }

    private void PublishDueWill(Session session, long nowMs)
    {
        if (session.Will is { } will && will.DueMs <= nowMs)
            PublishWill(session);
    }

    private void PublishWill(Session session)
    {
        WillMessage will = session.Will!.Message;
        session.Will = null;
        _custody.WillIs(session.ClientId, null);
        _wills.Publish(will, session);
    }
}
