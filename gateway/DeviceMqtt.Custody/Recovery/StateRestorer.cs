using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>Makes the broker's state out of what a journal says. Inside a turn, before anybody may connect.</summary>
/// <param name="broker">Whose state.</param>
/// <param name="custody">Where it is kept.</param>
/// <param name="state">What the journal says.</param>
/// <param name="catchUp">Called for each thing that may have something written: has the disk catch up when it is behind, and may wait, for nobody else is there yet.</param>
internal sealed class StateRestorer(BrokerState broker, JournalCustody custody, RecoveredState state, Action catchUp)
{
    // Of an owner's memory, and of all: what can be on the disk alone leaves so much for the clients that come.
    private const int LeftPart = 4;

    // Those that several wait for, shared by all of them, like messages that come in; not beyond the memory that they may take.
    private readonly Dictionary<long, Message> _messages = [];

    // Sessions, subscriptions and retained messages for which there is no room in this process.
    private int _left;

    // Commands of the backup from which the gateway was restored.
    private int _dropped;

    public RecoverySummary Restore()
    {
        broker.Owners.IsRestoring = true;
        try
        {
            return RestoreAll();
        }
        finally
        {
            broker.Owners.IsRestoring = false;
        }
    }

    private RecoverySummary RestoreAll()
    {
        long lost = custody.ResumeVolatile(state.Ledger[LedgerClass.Volatile]);
        broker.Counters.LostBefore(DropReason.NotDurable, lost);
        foreach (LedgerClass ledgerClass in Ledger.ClassesOnDisk)
        {
            LedgerAccount account = custody.Ledger[ledgerClass];
            account.Accepted = state.Ledger[ledgerClass].Accepted;
            foreach ((Outcome outcome, long count) in state.Ledger[ledgerClass].Outcomes())
                account.Settle(outcome, count);
        }

        // Where fewer may be known than were, it is those that went last.
        foreach ((string clientId, UserIdentity user) in state.Devices.Skip(state.DeviceCount - broker.Limits.KnownDevicesMax))
            if (broker.Mailboxes.Restore(clientId, OwnerOf(clientId, user.Name), user, state.Reachable.Contains(clientId)))
            {
                broker.Presence.Restore(clientId);
                broker.Upstreams.Tap?.ClientKnown(clientId);
            }

        foreach ((string clientId, ClientRole role) in state.Roles)
            broker.Mailboxes.RestoreRole(clientId, role);
        foreach (RecoveredSession session in state.Sessions.Values)
        {
            RestoreSession(session);
            catchUp();
        }

        foreach ((string clientId, long applied) in state.DevicesKnownAt)
            if (broker.Mailboxes.IsKnown(clientId)) // one that was not let in is with the gateway below that it was with before
                broker.GatewaysBelow.RestoreHere(clientId, applied);
        foreach ((string owner, Dictionary<ushort, uint?> open) in state.Inbound)
            RestoreInbound(owner, open);
        foreach (RecoveredEntry entry in state.TakeEntries())
        {
            RestoreEntry(entry);
            catchUp();
        }

        foreach ((string owner, HashSet<ushort> packetIds) in state.GivenUp)
            RestoreGivenUp(owner, packetIds);
        int retained = 0;
        broker.Retained.GoOnFrom(state.LastRetained);
        foreach ((long position, string? user, long number) in state.Retained)
        {
            catchUp();
            if (Load(position) is not { } message)
                continue;
            if (!broker.Retained.Restore(message, OwnerOf(clientId: "", user), number))
            {
                _left++;
                continue;
            }

            broker.Births.Restore(message);
            retained++;
        }

        Ledger ledger = custody.Ledger;
        RecoverySummary summary = new(broker.Sessions.Count, retained, ledger[LedgerClass.Session].Pending, ledger[LedgerClass.Mailbox].Pending, ledger[LedgerClass.Relay].Pending, broker.Upstreams.Parked.Count, _left) { Lost = lost, Stale = _dropped };
        EndWhatWasOver();
        broker.Presence.TellAll(catchUp);
        return summary;
    }

    private void RestoreSession(RecoveredSession recovered)
    {
        long now = broker.Turn.NowMs;
        long leftMs = recovered.LeftRunningMs is { } left ? broker.Running.ToMonotonicMs(left) : now;
        Owner owner = OwnerOf(recovered.Terms.ClientId, recovered.Terms.User.Name);
        if (!SessionHoldings.HasRoomFor(recovered.Terms.ClientId, owner))
        {
            custody.SessionEnded(recovered.Terms.ClientId).ForNobody(); // no client has asked for it; what waits for it is dropped and counted
            _left++;
            return;
        }

        Session session = broker.Sessions.Restore(recovered.Terms.ClientId, recovered.Terms.User, owner, recovered.Terms.ExpirySeconds, recovered.Terms.IsBridge, leftMs);
        session.HasOldIdentifiers = recovered.HasOldIdentifiers;
        foreach (SubscriptionRecord record in recovered.Subscriptions.Values)
        {
            if (!TopicFilter.TryParse(record.Filter, out TopicFilter filter, out MalformedReason reason))
                throw new InvalidDataException($"the journal has the Topic Filter '{record.Filter}' of client '{record.ClientId}': {reason.ToText()}");
            Subscription subscription = new(session, filter)
            {
                QoS = record.QoS,
                NoLocal = record.NoLocal,
                RetainAsPublished = record.RetainAsPublished,
                Identifier = record.Identifier,
            };
            if (session.Holdings.HasMemoryFor(record.Filter))
            {
                broker.Subscriptions.Restore(session, subscription, recovered.Order?.GetValueOrDefault(record.Filter) ?? 0);
                if (recovered.Owed.GetValueOrDefault(record.Filter) is { } owed)
                    Owe(session, subscription, owed);
                continue;
            }

            custody.Unsubscribed(session.ClientId, filter).ForNobody(); // no client has asked for it
            _left++;
        }
    }

    // From the first on: what was not given at QoS 2 may come once more.
    private void Owe(Session session, Subscription subscription, OwedRetained owed)
    {
        RetainedCursor walk = new(broker.Retained, subscription, owed.UpTo);
        foreach (long number in owed.Given)
            walk.WasGiven(number);
        session.Owe(walk);
    }

    // A user that is gone, or has another role, is who it is now.
    private Owner OwnerOf(string clientId, string? user) =>
        user is null ? broker.Owners.Restored : broker.Owners.Of(user, remote: null, broker.Access.Recall(clientId, user, ClientRole.Device).Role);

    private void RestoreInbound(string owner, Dictionary<ushort, uint?> open)
    {
        bool isUpstream = InboundOwner.TryGetUpstream(owner, out string upstream);
        Session? session = isUpstream ? null : broker.Sessions.Find(owner);
        // Also of one that is not set any more, and may be again.
        Dictionary<ushort, uint?>? ofUpstream = isUpstream ? broker.Upstreams.Inbound.TryGetValue(upstream, out Dictionary<ushort, uint?>? known) ? known : broker.Upstreams.Inbound[upstream] = [] : null;
        foreach ((ushort packetId, uint? content) in open)
        {
            session?.RestoreInbound(packetId, content);
            _ = ofUpstream?.TryAdd(packetId, content);
        }
    }

    // Behind all that is in flight: PUBREL is due for them.
    private void RestoreGivenUp(string owner, HashSet<ushort> packetIds)
    {
        bool isUpstream = InboundOwner.TryGetUpstream(owner, out string upstream);
        Session? session = isUpstream ? null : broker.Sessions.Find(owner);
        IUpstreamBacklog? backlog = isUpstream ? broker.Upstreams.Backlogs.GetValueOrDefault(upstream) : null;
        if (isUpstream && backlog is null && packetIds.Count > 0)
            broker.Upstreams.ParkedGivenUp[upstream] = packetIds;
        foreach (ushort packetId in packetIds)
        {
            session?.RestoreGivenUp(packetId);
            backlog?.RestoreGivenUp(packetId);
        }
    }

    // The peer may have the Packet Identifier open, and its message does not go on under it.
    private void GiveUp(in RecoveredEntry recovered)
    {
        // An upstream may be called as a client is whose Session has ended.
        LedgerClass of = Entry.ClassOf(recovered.Held.Entry);
        if (recovered.PacketId == 0 || recovered.SentQoS != QoS.ExactlyOnce || (of != LedgerClass.Relay && state.HasEnded(recovered)))
            return;
        state.GiveUp(recovered);
        custody.GivenUp(JournalCustody.OwnerOf(of, recovered.Held.Owner), recovered.PacketId, isOpen: true);
    }

    private void RestoreEntry(in RecoveredEntry recovered)
    {
        HeldRecord held = recovered.Held;
        if (state.TryFindReceipt(held.Entry, out OwedReceipt receipt))
            broker.Receipts.Restore(held.Entry, receipt);
        bool needsItsMessage = recovered.NeedsItsMessage;
        Message? message = needsItsMessage ? Load(held.Message) : null;
        if (message is null && needsItsMessage)
        {
            GiveUp(recovered);
            custody.ResumeLost(held.Entry, held.Owner);
            return;
        }

        custody.Resume(held.Entry, message);
        QueuedMessage queued = new(message!, held.QoS, held.Retain, held.Identifiers, held.Entry, recovered.WasSent);
        if (message is { IsP2P: true } && recovered.IsOfBackup)
            DropStale(recovered, message);
        else if (Entry.ClassOf(held.Entry) == LedgerClass.Relay)
            RestoreRelay(held.Owner, recovered, queued);
        else if (message is { IsP2P: true } && state.IsForNobody(recovered))
            custody.Drop(DropOwner.Client(held.Owner), held.Entry, message, DropReason.DroppedByOperator); // so was its Session
        else if (message is { IsP2P: true } && state.IsOfFormerUser(recovered))
            custody.Drop(DropOwner.Client(held.Owner), held.Entry, message, DropReason.UserGone); // its Session was ending when the gateway did
        else if (message is { IsP2P: true } && recovered.PacketId == 0 && Mailboxes.IsFor(message, held.Owner))
            broker.Mailboxes.Put(held.Owner, queued, state.UserOf(recovered));
        else if (!state.HasEnded(recovered) && broker.Sessions.Find(held.Owner) is { } session)
            RestoreInSession(session, recovered, queued);
        else if (message is { IsP2P: true })
            broker.Mailboxes.Put(held.Owner, WaitsAgain(recovered, queued), state.UserOf(recovered));
        else if (recovered.IsReceived)
            custody.Settle(held.Entry, null, Outcome.Delivered); // the client has it, and no Session to say so in
        else
            custody.Drop(DropOwner.Client(held.Owner), held.Entry, message, DropReason.SessionEnded);
    }

    // Done since, or too late: its sender is told that it is not carried out by this gateway any more.
    private void DropStale(in RecoveredEntry recovered, Message message)
    {
        LedgerClass of = Entry.ClassOf(recovered.Held.Entry);
        if (recovered.Aside is not null)
        {
            custody.ResumeAside(recovered.Held.Entry);
            custody.TakenBack(recovered.Held.Entry);
        }

        if (of == LedgerClass.Relay)
            broker.Receipts.RestoreUpstream(recovered.Held.Entry, recovered.Held.Owner, message.ExpiresMs);
        custody.Drop(JournalCustody.OwnerOf(of, recovered.Held.Owner), recovered.Held.Entry, message, DropReason.Restored);
        _dropped++;
    }

    private void RestoreInSession(Session session, in RecoveredEntry recovered, in QueuedMessage queued)
    {
        InflightState awaited = recovered.IsReceived ? InflightState.AwaitsPubComp
            : queued.QoS == QoS.ExactlyOnce ? InflightState.AwaitsPubRec : InflightState.AwaitsPubAck;
        Inflight inflight = new() { Message = queued.Message, Identifiers = queued.Identifiers, Entry = queued.Entry, Retain = queued.Retain, State = awaited };
        // A message in flight is in memory, as long as that leaves its owner room to connect and take it. Otherwise it is still in flight, and is read from the
        // disk when it goes: under another Packet Identifier QoS 2 would come twice. Only where there is no memory even to know of it is it queued anew.
        // Commands of QoS 1 stay whole, because their pace is kept by their content.
        bool canBeOnDisk = inflight is { Message.IsP2P: false } or { Message: not null, State: InflightState.AwaitsPubRec };
        if (canBeOnDisk && !LeavesRoom(session, inflight.Message!))
            inflight.Message = inflight.Message!.ToReference();
        bool hasRoom = inflight.Message is null || session.Holdings.Memory.HasRoomFor(inflight.Message.MemoryBytes);
        if (recovered.PacketId != 0 && hasRoom && session.TryRestoreInflight(recovered.PacketId, inflight))
            return;
        GiveUp(recovered);
        if (recovered.IsReceived)
            custody.Settle(queued.Entry, null, Outcome.Delivered); // the client has it
        else
            _ = session.Enqueue(WaitsAgain(recovered, queued));
    }

    private bool LeavesRoom(Session session, Message message)
    {
        Account all = broker.Owners[Good.Memory];
        Account owners = session.Holdings.Owner[Good.Memory];
        return session.Holdings.Memory.Left >= message.Bytes && owners.Left - message.Bytes >= owners.Max / LeftPart && all.Left - message.Bytes >= all.Max / LeftPart;
    }

    private void RestoreRelay(string upstream, in RecoveredEntry recovered, in QueuedMessage queued)
    {
        broker.Receipts.RestoreUpstream(queued.Entry, upstream, queued.Message?.ExpiresMs ?? long.MaxValue);
        if (!broker.Upstreams.Backlogs.TryGetValue(upstream, out IUpstreamBacklog? backlog))
            Park(upstream, recovered, queued);
        else if (recovered.Aside is { } why)
            RestoreAside(backlog, queued, why);
        else if (recovered.PacketId == 0 || !backlog.TryRestoreInFlight(new SentMessage(queued with { QoS = recovered.SentQoS }, recovered.PacketId, recovered.IsReceived)))
        {
            GiveUp(recovered);
            backlog.Restore(WaitsAgain(recovered, queued));
        }
    }

    // The upstream may have its Packet Identifier open when it is set again.
    private void Park(string upstream, RecoveredEntry recovered, in QueuedMessage queued)
    {
        GiveUp(recovered);
        broker.Upstreams.Parked.Add((upstream, custody.Spill.Put(WaitsAgain(recovered, queued)), recovered.Aside));
    }

    private void RestoreAside(IUpstreamBacklog backlog, in QueuedMessage queued, AsideReason why)
    {
        custody.ResumeAside(queued.Entry);
        backlog.RestoreAside(queued, why);
    }

    // Its Packet Identifier is not to be found again by the next start, when others may have it.
    private QueuedMessage WaitsAgain(in RecoveredEntry recovered, in QueuedMessage queued)
    {
        if (recovered.PacketId != 0)
            custody.Sent(queued.Entry, packetId: 0, queued.WasSent ? QoS.AtLeastOnce : QoS.AtMostOnce).ForNobody(); // without room the next start finds the same, and comes to the same
        return queued;
    }

    private Message? Load(long position)
    {
        if (_messages.TryGetValue(position, out Message? known))
            return known;
        Message? message = custody.Spill.Read(position);
        if (message is not null)
            state.Seen?.Invoke(message.TopicUtf8, message.Payload, message.AcceptedUnixMs);
        if (message is not null && state.IsShared(position) && custody.Spill.HasRoomFor(message))
            _messages.Add(position, message);
        return message;
    }

    /// <summary>
    /// Sessions that were to end with a connection that is gone now, and the Wills of all clients that the gateway did not
    /// see leave: nobody is shown online who is not (DESIGN: presence rules).
    /// </summary>
    private void EndWhatWasOver()
    {
        foreach (WillRecord will in state.Wills.Values)
        {
            broker.Sessions.Wills.PublishAfterRestart(will.Client, will.Will);
            catchUp();
        }

        foreach (Session session in broker.Sessions.All.ToArray())
        {
            catchUp();
            broker.Sessions.Restored(session);
            if (!session.IsDurable)
                broker.Sessions.End(session).ForNobody(); // no client has asked for it: where there is no room it stays, and is tried again
            else if (state.Sessions[session.ClientId].LeftRunningMs is null)
                custody.SessionLeft(session.ClientId, session.ExpirySeconds); // or every restart would give it its whole time again
        }
    }
}
