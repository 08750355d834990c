using System.Buffers;
using System.Buffers.Binary;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Lifecycle;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Snapshots;

/// <summary>
/// The whole state as the records that would make it anew (<see cref="RecoveredState.Snapshot"/>), without the messages
/// themselves. It is written in steps, over many turns, and things change in between:
/// <list type="bullet">
/// <item>What is written is true when it is written. Whatever was there all the time is written once at least.</item>
/// <item>What came meanwhile has its record in the journal, so it may be met or not; what has gone is not met any more.</item>
/// <item>What waits moves on: from a mailbox to its Session, from a queue into flight. The steps go the same way. Where it moves the
/// other way, or as a whole (<see cref="HasMoved"/>), they go there once more.</item>
/// <item>What is in flight towards one peer is one step: its order is that of the records.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed partial class SnapshotWriter(BrokerState broker, Ledger ledger, IReadOnlyDictionary<string, WillRecord> wills)
{
    // Chosen: what moves on and on is written in one step in the end, or the snapshot would never be done.
    private const int AgainMax = 3;

    private readonly RecordWriter _record = new();
    private readonly ArrayBufferWriter<byte> _state = new();
    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);
    private readonly Queue<string> _movedInOrder = new();
    private readonly Dictionary<string, int> _movedTimes = new(StringComparer.Ordinal);

    /// <summary>What was written since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _state.WrittenSpan;

    public void Clear() => _state.ResetWrittenCount();

    /// <summary>What waits for a client or an upstream has another place: it is written once more.</summary>
    public void HasMoved(string owner)
    {
        if (_moved.Add(owner))
            _movedInOrder.Enqueue(owner);
    }

    /// <summary>Each step writes some records, mostly one, and says how many; the first, what was counted by then.</summary>
    public IEnumerable<int> Write(long lastEntryCount, ClockRecord clock, string? restore)
    {
        _moved.Clear();
        _movedInOrder.Clear();
        _movedTimes.Clear();
        clock.Write(_record);
        Finish();
        yield return 1 + WriteRestore(restore) + WriteLedger(lastEntryCount);
        foreach (EndedSession ended in broker.Sessions.Ending.ToArray())
            foreach (int records in WriteEnded(ended))
                yield return records;
        foreach ((string clientId, IEnumerable<QueuedMessage> waiting, bool isReachable) in broker.Mailboxes.InOrder())
        {
            yield return WriteDevice(clientId, isReachable);
            foreach (int records in WriteHeld(clientId, waiting))
                yield return records;
        }

        foreach (Session session in broker.Sessions.All.ToArray())
            foreach (int records in WriteSession(session))
                yield return records;
        foreach (string clientId in broker.GatewaysBelow.Contested.ToArray())
            yield return WriteOrder(clientId);
        foreach (string clientId in wills.Keys.ToArray())
            yield return WriteWill(clientId);
        for (TopicTrie<Message>.Cursor walk = broker.Retained.OpenAll(); walk.Step(out Message? message);)
            yield return WriteRetained(message);
        foreach ((string upstream, IUpstreamBacklog backlog) in broker.Upstreams.Backlogs.ToArray())
            foreach (int records in WriteBacklog(upstream, backlog))
                yield return records;
        foreach ((string upstream, QueuedMessage parked, AsideReason? aside) in broker.Upstreams.Parked) // they stay until the next start
            yield return WriteHeld(upstream, parked) + (aside is { } why ? WriteAside(parked, why) : 0);
        foreach ((string upstream, HashSet<ushort> givenUp) in broker.Upstreams.ParkedGivenUp)
            foreach (ushort packetId in givenUp)
                yield return WriteGivenUp(InboundOwner.OfUpstream(upstream), packetId);
        foreach ((string upstream, Dictionary<ushort, uint?> open) in broker.Upstreams.Inbound.ToArray())
            foreach (ushort packetId in open.Keys.ToArray())
                if (open.TryGetValue(packetId, out uint? content))
                    yield return WriteInbound(InboundOwner.OfUpstream(upstream), packetId, content);
        while (_movedInOrder.TryDequeue(out string? owner))
        {
            _ = _moved.Remove(owner); // it may move once more
            int again = _movedTimes[owner] = _movedTimes.GetValueOrDefault(owner) + 1;
            int atOnce = 0;
            foreach (int records in WriteWaiting(owner))
            {
                if (again <= AgainMax)
                    yield return records;
                else
                    atOnce += records;
            }

            if (atOnce > 0)
                yield return atOnce;
            if (broker.Upstreams.Backlogs.TryGetValue(owner, out IUpstreamBacklog? backlog)) // a client may be called the same
                foreach (int records in WriteBacklog(owner, backlog))
                    yield return records;
        }
    }

    /// <summary>The records of a snapshot, one by one.</summary>
    /// <exception cref="InvalidDataException">It is cut.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> state)
    {
        for (int at = 0; at < state.Length;)
        {
            int length = LengthOfFirst(state.Span[at..]);
            yield return state.Slice(at + sizeof(int), length);
            at += sizeof(int) + length;
        }
    }

    /// <summary>Takes the first record off a snapshot.</summary>
    /// <returns>False when there is none left.</returns>
    /// <exception cref="InvalidDataException">It is cut.</exception>
    public static bool TryTake(ref ReadOnlySpan<byte> state, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (state.IsEmpty)
            return false;
        record = state.Slice(sizeof(int), LengthOfFirst(state));
        state = state[(sizeof(int) + record.Length)..];
        return true;
    }

    private static int LengthOfFirst(ReadOnlySpan<byte> state)
    {
        int length = state.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(state);
        return length >= 0 && length <= state.Length - sizeof(int) ? length : throw new InvalidDataException("the snapshot ends in the middle of a record");
    }

    /// <summary>A snapshot with what came after it: its records are the same.</summary>
    public static ReadOnlyMemory<byte> AddEvents(ReadOnlyMemory<byte> state, IReadOnlyList<byte[]> events)
    {
        ArrayBufferWriter<byte> all = new();
        all.Write(state.Span);
        foreach (byte[] record in events)
            Add(all, record);
        return all.WrittenMemory;
    }

    private static void Add(ArrayBufferWriter<byte> state, ReadOnlySpan<byte> record)
    {
        BinaryPrimitives.WriteInt32LittleEndian(state.GetSpan(sizeof(int)), record.Length);
        state.Advance(sizeof(int));
        state.Write(record);
    }

    private int WriteLedger(long lastEntryCount)
    {
        int records = 0;
        foreach (LedgerClass ledgerClass in Ledger.ClassesOnDisk)
            foreach ((Outcome outcome, long count) in ledger[ledgerClass].Outcomes().DefaultIfEmpty((Outcome.Delivered, 0)))
            {
                _record.Start(RecordKind.LedgerCount).Add(lastEntryCount).Add((byte)ledgerClass).Add(outcome.Value).Add(count);
                records += Finish();
            }

        LedgerAccount inMemory = ledger[LedgerClass.Volatile];
        if (inMemory.Accepted == 0)
            return records; // versions before know no such record
        new VolatileRecord(inMemory.Accepted, [.. inMemory.Outcomes()]).Write(_record);
        return records + Finish();
    }

    // ---- Sessions

    // Another Session of the same client is another: its records are in the journal.
    private bool IsThere(Session session) => broker.Sessions.Find(session.ClientId) == session;

    private IEnumerable<int> WriteSession(Session session)
    {
        // A Session that ends with its connection may have commands in flight, which then go back to the mailbox.
        if (session.IsOnDisk && IsThere(session))
        {
            yield return WriteTerms(session);
            foreach (Subscription subscription in session.Subscriptions.ToArray())
                if (IsThere(session) && session.FindSubscription(subscription.Filter.Value) == subscription)
                {
                    _ = SubscriptionRecord.Of(subscription, owedUpTo: null).Write(_record);
                    yield return Finish();
                }

            if (session.HasOldIdentifiers)
            {
                _ = RestoredRecord.Write(_record, RestoredRecord.HasOldIdentifiers, session.ClientId);
                yield return Finish();
            }

            foreach (int records in WriteOwed(session))
                yield return records;
            foreach (ushort packetId in session.InboundQoS2.ToArray())
                if (IsThere(session) && session.IsInboundOpen(packetId))
                    yield return WriteInbound(session.ClientId, packetId, session.InboundContent(packetId));
        }

        foreach (int records in WriteWaiting(session))
            yield return records;
    }

    // Behind the subscriptions, once more: most are owed nothing.
    private IEnumerable<int> WriteOwed(Session session)
    {
        foreach (RetainedCursor walk in session.Owed.ToArray())
        {
            if (!IsThere(session) || session.OwedTo(walk) is not { } subscription || walk.IsDone)
                continue;
            _ = SubscriptionRecord.Of(subscription, walk.LastNumber).Write(_record);
            yield return Finish();
            foreach (long number in walk.Given.ToArray())
            {
                if (!IsThere(session) || !session.IsOwed(walk) || walk.IsDone)
                    break;
                _record.Start(RecordKind.RetainedGiven).Add(session.ClientId).Add(subscription.Filter.Value).Add(number);
                yield return Finish();
            }
        }
    }

    private int WriteTerms(Session session)
    {
        new SessionRecord(session.ClientId, session.ExpirySeconds, session.IsBridge, session.User).Write(_record);
        int records = Finish();
        if (session.IsConnected)
            return records;
        long leftMs = session.EndsAtMs - (session.ExpirySeconds * 1000L);
        _record.Start(RecordKind.SessionLeft).Add(session.ClientId)
            .Add(broker.Clock.ToUnixMs(leftMs)).Add((long)session.ExpirySeconds).Add(broker.Running.Of(leftMs));
        return records + Finish();
    }

    // All of a client, wherever it is, the way it goes.
    private IEnumerable<int> WriteWaiting(string clientId)
    {
        foreach (EndedSession ended in broker.Sessions.Ending.Where(e => e.ClientId == clientId).ToArray())
            foreach (int records in WriteEnded(ended))
                yield return records;
        foreach (int records in WriteHeld(clientId, broker.Mailboxes.WaitingFor(clientId)))
            yield return records;
        if (broker.Sessions.Find(clientId) is { } session)
            foreach (int records in WriteWaiting(session))
                yield return records;
    }

    private IEnumerable<int> WriteWaiting(Session session)
    {
        foreach (QueuedMessage queued in session.Queue.InOrder())
        {
            if (!IsThere(session))
                yield break; // what it leaves behind has moved
            yield return WriteHeld(session.ClientId, queued);
        }

        if (IsThere(session))
            yield return WriteInFlight(session);
    }

    // At most InflightMax of them.
    private int WriteInFlight(Session session)
    {
        int records = 0;
        foreach ((ushort packetId, Inflight inflight) in session.InFlight())
        {
            if (inflight.IsGivenUp)
                records += WriteGivenUp(session.ClientId, packetId);
            if (!Entry.IsOnDisk(inflight.Entry))
                continue;
            new HeldRecord(inflight.Entry, session.ClientId, inflight.Message?.Position ?? 0, inflight.QoS, inflight.Retain, inflight.Identifiers).Write(_record);
            records += Finish() + WriteReceipt(inflight.Entry) + WriteSent(inflight.Entry, packetId, inflight.QoS, isReceived: inflight.State == InflightState.AwaitsPubComp);
        }

        return records;
    }

    private IEnumerable<int> WriteEnded(EndedSession ended)
    {
        foreach (QueuedMessage queued in ended.Waiting())
        {
            int records = WriteHeld(ended.ClientId, queued);
            if (records > 0)
            {
                // Its commands are that user's: there may be another by now, or none, and the device may be forgotten.
                _record.Start(RecordKind.OfEndedSession).Add(queued.Entry);
                _ = ended.IsForgotten ? _record.Add(ended.User.Name ?? "").Add(ended.User.Id).Add(true) : _record.AddUser(ended.User);
                records += Finish();
            }

            yield return records;
        }
    }

    // ---- What waits, and the rest

    private int WriteSent(long entry, ushort packetId, QoS qos, bool isReceived)
    {
        _record.Start(RecordKind.Sent).Add(entry).Add((long)packetId).Add((byte)qos);
        int records = Finish();
        if (!isReceived)
            return records;
        _record.Start(RecordKind.Received).Add(entry);
        return records + Finish();
    }

    private IEnumerable<int> WriteHeld(string owner, IEnumerable<QueuedMessage> waiting)
    {
        foreach (QueuedMessage queued in waiting)
            yield return WriteHeld(owner, queued);
    }

    private int WriteHeld(string owner, in QueuedMessage queued)
    {
        if (!Entry.IsOnDisk(queued.Entry))
            return 0;
        new HeldRecord(queued.Entry, owner, queued.Message.Position, queued.QoS, queued.Retain, queued.Identifiers).Write(_record);
        return Finish() + WriteReceipt(queued.Entry) + (queued.WasSent ? WriteSent(queued.Entry, packetId: 0, QoS.AtLeastOnce, isReceived: false) : 0);
    }

    private int WriteReceipt(long entry)
    {
        if (!broker.Receipts.TryFindOwed(entry, out OwedReceipt owed) || owed.Sender.Length == 0) // the gateway itself does not remember what it asked
            return 0;
        ReceiptRecord.Write(_record, entry, owed);
        return Finish();
    }

    private int WriteInbound(string owner, ushort packetId, uint? content)
    {
        _record.Start(RecordKind.InboundOpened).Add(owner).Add((long)packetId);
        if (content is { } known)
            _ = _record.Add((long)known);
        return Finish();
    }

    private int WriteGivenUp(string owner, ushort packetId)
    {
        _ = GivenUpRecord.Write(_record, owner, packetId, isOpen: true);
        return Finish();
    }

    private int WriteWill(string clientId)
    {
        if (!wills.TryGetValue(clientId, out WillRecord will))
            return 0;
        will.Write(_record);
        return Finish();
    }

    private int WriteRetained(Message? message)
    {
        if (message is not { IsRetainedOnDisk: true })
            return 0;
        _record.Start(RecordKind.Retained).Add(message.Position).Add(message.TopicUtf8).AddUser(message.RetainedBy?.UserName).Add(message.RetainedNumber);
        return Finish();
    }

    private int Finish()
    {
        Add(_state, _record.Written);
        return 1;
    }
}
