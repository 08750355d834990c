using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Presence;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>All Sessions by Client Identifier, and their life: begin, resume, leave, end.</summary>
internal sealed partial class SessionRegistry(Ground ground, SessionTable table, Mailboxes mailboxes, SubscriptionBook subscriptions, Wills wills, PresenceBook presence)
{
    // Sessions that have ended, and left so much behind that it takes more than a slice.
    private readonly HashSet<EndedSession> _ending = [];

    // Only Sessions without a connection have a time that can come.
    private readonly DueTimes<Session> _absent = new();

    // Those of gateways below, for whose devices commands come in: few.
    private readonly HashSet<Session> _absentBridges = [];
    private readonly ICustody _custody = ground.Custody;

    public int Count => table.Count;

    /// <summary>Sessions whose client is away.</summary>
    public int AbsentCount => _absent.Count;

    public IReadOnlyCollection<Session> All => table.All;

    public Wills Wills => wills;

    /// <summary>What Sessions that have ended leave behind, and that is not settled yet.</summary>
    public IReadOnlyCollection<EndedSession> Ending => _ending;

    public Session? Find(string clientId) => table.Find(clientId);

    /// <summary>The client is gone, and its Will is not published yet.</summary>
    public bool HasWillToPublish(string clientId) => Find(clientId) is { IsConnected: false, Will: not null } || wills.IsWaiting(clientId);

    /// <summary>The Session for an accepted CONNECT: the one there was, or a new one [MQTT-3.1.2-4 to 3.1.2-6].</summary>
    /// <param name="connect">What the client asks for.</param>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="admission">What it may do. The Session of another user is ended: it is not there for this one.</param>
    /// <param name="owner">Who answers for what it makes the gateway keep.</param>
    /// <param name="session">The Session.</param>
    /// <param name="isPresent">It is the one there was.</param>
    /// <returns>What CONNACK waits for: that the one there was has ended. It stays where there was no room to say so, and is no Session for this CONNECT.</returns>
    public Kept Open(ConnectPacket connect, string clientId, in Admission admission, Owner owner, out Session session, out bool isPresent)
    {
        Kept ended = Kept.NotNeeded;
        isPresent = false;
        Session? before = Find(clientId);
        if (before is not null && (connect.CleanStart || !before.IsDurable || before.IsOfOther(admission.User)))
        {
            ended = End(before);
            session = before;
            if (ended.IsNoRoom)
                return ended;
            before = null;
        }

        isPresent = before is not null;
        session = before ?? table.Add(clientId, owner);
        if (session.Holdings.Owner != owner)
        {
            session.Holdings.MoveTo(owner);
            session.Queue.MoveTo(owner);
        }

        WaitNoMore(session);
        session.LetIn(admission);
        session.SaysItIsABridge = connect.IsBridge || BridgeMark.IsIn(connect);
        BecomeBridge(session, session.SaysItIsABridge && admission.Role == ClientRole.Bridge);
        session.EndsAtMs = long.MaxValue;
        bool lostSome = subscriptions.RemoveForbidden(session);
        session.HasLostSubscriptions = lostSome && session.SaysItIsABridge;
        return ended;
    }

    /// <summary>
    /// Has the custody keep the Session that <see cref="Open"/> gave, and the Will of its client, together: CONNACK promises both. A Will of before that
    /// waits for its delay is not published any more, for the client is back in time [MQTT-3.1.3-9].
    /// </summary>
    /// <returns>What CONNACK waits for. Where there was no room the Will of before still waits: the client is not back.</returns>
    public Kept Keep(Session session, WillMessage? will)
    {
        using FrameOfPacket frameOnDisk = new(_custody);
        Kept kept = session.Keep();
        if (kept.IsNoRoom)
            return kept;
        Kept saved = _custody.WillIs(session.Identity, will);
        if (saved.IsNoRoom && session.IsDurable)
            return saved;
        wills.ClientIsBack(session.ClientId);
        session.Will = will is null ? null : new PendingWill(will);
        return session.IsDurable ? kept.And(saved) : kept;
    }

    /// <summary>The CONNECT is refused after all, for want of room: the Session stays as far as it was kept before, and so does a Will that waits for its delay.</summary>
    public void Abandon(Session session)
    {
        session.Detach();
        if ((session.IsDurable && session.IsOnDisk) || End(session).IsNoRoom)
            StayWithout(session, ground.Turn.NowMs);
    }

    /// <summary>The client has its CONNACK: what it missed follows.</summary>
    /// <param name="session">Its Session.</param>
    /// <param name="isDevice">The client chose its identifier, so that others can know it and messages may wait for it.</param>
    /// <param name="connection">The number of its connection.</param>
    /// <param name="remote">Where it comes from.</param>
    public void Welcome(Session session, bool isDevice, long connection, EndPoint? remote)
    {
        long now = ground.Turn.NowMs;
        session.BeginResend();
        if (isDevice && Wire.ClientId.IsAddressable(session.ClientId))
        {
            _ = mailboxes.Remember(session.ClientId, session.Role, session.Holdings.Owner, session.User);
            subscriptions.DeviceIsHere(session.ClientId);
            presence.Connected(session.ClientId, connection, remote);
        }

        ground.Upstreams.Tap?.ClientCame(session.ClientId, session.Will?.Message);
        if (session.Role == ClientRole.Device)
            Reach(session); // behind that: what is asked for now says that it is here
        mailboxes.Open(session);
        session.Pump(now);
    }

    /// <summary>The client is a device, or speaks as one: commands from upstream are to get to it.</summary>
    public void Reach(Session session)
    {
        if (mailboxes.MakeReachable(session.ClientId))
            ground.Upstreams.Tap?.ClientKnown(session.ClientId);
    }

    /// <summary>The network connection is gone. The Session stays for a while or ends, and the Will is published, waits or is dropped.</summary>
    public void Leave(Session session, CloseReason reason)
    {
        session.Detach();
        session.ReleasePublishers();
        try
        {
            mailboxes.Close(session);
            presence.Left(session.ClientId, reason, session.Terms.PresenceGraceSeconds);
        }
        finally
        {
            GoOnWithout(session, reason); // whatever has failed: it has an end, and its Will is published
        }
    }

    private void GoOnWithout(Session session, CloseReason reason)
    {
        long now = ground.Turn.NowMs;
        // [MQTT-3.1.2-10]; and the gateway's own clean stop is no failure of its clients: their Wills stay on disk, and are
        // published if they are not back when it is.
        if (reason is CloseReason.ClientDisconnected or CloseReason.ServerShuttingDown)
            session.Will = null;
        if (reason is CloseReason.ClientDisconnected)
            _custody.WillIs(session.Identity, null).ForNobody(); // DISCONNECT has no answer: without room the Will stays on the disk, and is published by the next start if its client is not back
        if (session.Will is { } first && session.Terms.WillGraceSeconds > 0)
        {
            wills.PublishLater(session.Identity, first.Message, session.Holdings.Owner, now + (session.Terms.WillGraceSeconds * 1000L));
            session.Will = null;
        }
        else if (session.Will is { } will)
        {
            uint delay = Math.Min(will.Message.Properties.DelaySeconds, session.ExpirySeconds);
            will.DueMs = now + (delay * 1000L);
        }

        // One that ends without a word of it on the disk would be there again after a restart: it is tried again with each beat.
        if (session.IsDurable || End(session).IsNoRoom)
            StayWithout(session, now);
        if (session.IsUserGone)
            mailboxes.ForgetIfGone(session.ClientId);
        // The gateway's own stop is none of its clients': the upstream is not to be told that they are well.
        if (reason is not CloseReason.ServerShuttingDown)
            ground.Upstreams.Tap?.ClientLeft(session.ClientId);
    }

    private void StayWithout(Session session, long now)
    {
        session.EndsAtMs = now + (session.ExpirySeconds * 1000L);
        WaitWithout(session);
        _custody.SessionLeft(session.ClientId, session.ExpirySeconds);
        PublishDueWill(session, now);
    }

    /// <summary>The Session of a recovery, whose client is away.</summary>
    /// <param name="clientId">Whose it is.</param>
    /// <param name="user">Who had the client let in.</param>
    /// <param name="owner">Whose share it takes.</param>
    /// <param name="expirySeconds">How long it outlives its connection.</param>
    /// <param name="isBridge">The client is a gateway below this one.</param>
    /// <param name="leftMs">Monotonic milliseconds since when the client is away.</param>
    public Session Restore(string clientId, in UserIdentity user, Owner owner, uint expirySeconds, bool isBridge, long leftMs)
    {
        Session session = table.Add(clientId, owner);
        session.Restore(user, expirySeconds, isBridge);
        session.Holdings.IsBridge(isBridge);
        session.EndsAtMs = leftMs + (expirySeconds * 1000L);
        WaitWithout(session);
        return session;
    }

    /// <summary>All of a Session is there again, after a restart.</summary>
    public void Restored(Session session) => WaitWithout(session);

    // Until its end, or until something of it is due before.
    private void WaitWithout(Session session)
    {
        _absent.Set(session, Math.Min(Math.Min(session.EndsAtMs, session.PeerExpiryMs), session.Will?.DueMs ?? long.MaxValue));
        if (session.IsBridge)
            _ = _absentBridges.Add(session);
    }

    private void WaitNoMore(Session session)
    {
        _ = _absent.Remove(session);
        _ = _absentBridges.Remove(session);
    }

    /// <summary>Ends a Session: its subscriptions go, what waits is dropped and counted, a Will that waits is published [MQTT-3.1.2-8].</summary>
    /// <returns>Nothing has changed where there was no room.</returns>
    public Kept End(Session session) => End(session, isForgotten: false);

    /// <summary>
    /// An operator has a client forgotten that is away: its Session ends, and what waits for it or is in flight to it is dropped, and its senders are told. The next client under its Client Identifier
    /// gets nothing of it.
    /// </summary>
    /// <returns>Nothing has changed where there was no room.</returns>
    public Kept ForgetAway(string clientId)
    {
        Session? session = Find(clientId);
        if (session is { IsConnected: true })
            return Kept.NotNeeded;
        Kept kept = _custody.ClientForgotten(clientId);
        if (kept.IsNoRoom)
            return kept;
        if (session is not null)
            End(session, isForgotten: true).ForNobody(); // it is said already
        foreach (EndedSession ended in _ending)
            if (ended.ClientId == clientId)
                ended.Forget();
        mailboxes.ForgetAway(clientId);
        return kept;
    }

    private Kept End(Session session, bool isForgotten)
    {
        if (Find(session.ClientId) != session)
            return Kept.NotNeeded;
        Kept kept = session.IsOnDisk && !isForgotten ? _custody.SessionEnded(session.ClientId) : Kept.NotNeeded;
        if (kept.IsNoRoom)
            return kept;
        _ = table.Remove(session);
        WaitNoMore(session);
        try
        {
            subscriptions.RemoveAll(session);
        }
        finally
        {
            LeaveBehind(session, isForgotten);
        }

        return kept;
    }

    // However far that comes, what it has is given back.
    private void LeaveBehind(Session session, bool isForgotten)
    {
        try
        {
            LeaveMessages(session, isForgotten);
        }
        finally
        {
            session.Holdings.End();
        }
    }

    private void LeaveMessages(Session session, bool isForgotten)
    {
        EndedSession ended = new(session, mailboxes, table, _ending);
        _ending.Add(ended);
        if (isForgotten)
            ended.Forget();
        ground.Turn.Jobs.Start(ended);
        if (_ending.Contains(ended))
            _custody.HasMoved(session.ClientId);
        if (session.Will is { DueMs: < long.MaxValue })
            PublishWill(session);
    }

    private void BecomeBridge(Session session, bool isBridge)
    {
        if (session.IsBridge && !isBridge)
            subscriptions.ForgetDevices(session);
        bool isAgain = isBridge && !session.IsBridge;
        session.IsBridge = isBridge;
        session.Holdings.IsBridge(isBridge);
        if (isAgain)
            subscriptions.NoteDevices(session); // those that it has asked for before, and does not ask for once more
    }

    private void PublishDueWill(Session session, long nowMs)
    {
        if (session.Will is { } will && will.DueMs <= nowMs)
            PublishWill(session);
    }

    private void PublishWill(Session session)
    {
        PendingWill will = session.Will!;
        session.Will = null;
        try
        {
            wills.Publish(session.Identity, will.Message, session);
        }
        catch
        {
            session.Will = will; // it is not published, or not to all: it is tried again where the Session stays
            throw;
        }
    }
}
