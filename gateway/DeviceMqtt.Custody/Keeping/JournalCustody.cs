using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Clocks;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Keeping;

/// <summary>
/// Puts on disk what an acknowledgement promises, and keeps the ledger of it. Every change of state that must outlive the
/// process is one call here, made where the change is made.
/// <list type="bullet">
/// <item>A message is one record however many wait for it; it goes with the last.</item>
/// <item>Records that are lazy do not make the reply to the packet at hand wait: losing them costs a redelivery at most.</item>
/// <item>What has a running time stands behind a <see cref="ClockRecord"/> of the same run: the next start counts from that.</item>
/// <item>A message is settled before it is released, so a crash never leaves a reference to what is gone.</item>
/// </list>
/// Without a journal nothing is kept, and no reply waits. Owned by the turn.
/// </summary>
internal sealed class JournalCustody(Ground ground, IMachineClock machine) : ICustody
{
    private readonly RecordWriter _record = new();
    private readonly Turn _turn = ground.Turn;
    private RecordJournal? _journal;
    private readonly Dictionary<string, WillMessage> _wills = new(StringComparer.Ordinal);
    private bool _hasClock;

    public BrokerCounters Counters => ground.Counters;

    /// <summary>Told, inside a turn, how the custody of an entry ended.</summary>
    public Action<long, Outcome>? Settled { get; set; }

    /// <summary>The entry that was held last; 0 before the first.</summary>
    public long LastEntry { get; private set; }

    /// <summary>How many entries there ever were.</summary>
    public long LastEntryCount { get; private set; }

    public Ledger Ledger { get; } = new();

    /// <summary>The Wills on disk, by Client Identifier. After a clean stop, which ends connections that did not fail, they are nowhere but here.</summary>
    public IReadOnlyDictionary<string, WillMessage> Wills => _wills;

    /// <summary>Messages that wait, and are not in memory.</summary>
    public Spill Spill { get; } = new(ground.Limits.WaitingMemoryBytesMax, ground.Running);

    /// <summary>How long what waits has waited.</summary>
    public RunningTime Time { get; } = new(ground, machine);

    /// <summary>The disk, or our share of it, is full: no new messages and Sessions that would have to be kept.</summary>
    public bool IsFull => _journal is { IsFull: true };

    /// <summary>Completes when the disk has taken some of what is on its way to it, if that is much; has completed already otherwise.</summary>
    public Task WhenCaughtUp() => _journal is { } journal && journal.PendingBytes > ground.Limits.JournalPendingBytesMax ? _turn.Gate.WhenOpened() : Task.CompletedTask;

    public bool IsOn => _journal is not null;

    /// <summary>Everything written until now.</summary>
    public long LastPosition => _journal?.LastPosition ?? 0;

    /// <summary>Goes on where a recovery ended.</summary>
    /// <param name="journal">Recovered, and open for more.</param>
    /// <param name="lastEntryCount">The number of the last entry.</param>
    /// <param name="wills">The Wills on disk, by Client Identifier.</param>
    /// <param name="clock">What the clocks showed last.</param>
    /// <returns>How much older what waits is than when the gateway stopped.</returns>
    public TimeOff Begin(RecordJournal journal, long lastEntryCount, IEnumerable<KeyValuePair<string, WillMessage>> wills, ClockRecord? clock)
    {
        foreach ((string clientId, WillMessage will) in wills)
            _wills[clientId] = will;
        _journal = journal;
        Spill.Begin(journal);
        LastEntryCount = lastEntryCount;
        _turn.Gate.Open(journal.DurablePosition);
        _turn.AtEnd = EndTurn;
        return Time.Begin(clock);
    }

    /// <summary>Told of each client or upstream for which what waits has another place.</summary>
    public Action<string>? Moved { get; set; }

    /// <summary>Begins a snapshot when the journal wants one, so that it can let old segments go. Null when it does not, or has begun one.</summary>
    public JournalSnapshot? BeginSnapshotIfDue() => _journal is { SnapshotDue: true } journal ? journal.BeginSnapshot() : null;

    /// <summary>Has the disk know how long we have been running, also when nothing else is written; <paramref name="isLast"/> at the stop. Inside a turn.</summary>
    public void KeepTime(bool isLast)
    {
        if (_journal is { LastPosition: > 0 } && (isLast || Time.IsOverdue))
            _ = WriteClock();
    }

    public void BeginFrame() => _journal?.BeginFrame();

    public void EndFrame() => _journal?.EndFrame();

    private void EndTurn()
    {
        if (!_turn.Gate.EndTurn())
            return;
        if (Time.IsDue)
            _ = WriteClock(); // shares the sync of what is committed
        _journal!.Commit();
    }

    // ---- Messages

    public IWaitingList NewWaitingList() => new PagedWaitingList(Spill);

    public Message? Take(Message message) => Spill.Take(message);

    public void Forget(Message message) => Spill.Remove(message);

    /// <summary>A message waits for an owner from now on, until <see cref="Settle"/>.</summary>
    /// <param name="ledgerClass">Whom it waits for.</param>
    /// <param name="owner">Client Identifier, or the name of the upstream.</param>
    /// <param name="queued">The message, and how it is to be delivered.</param>
    /// <returns>The entry; 0 when nothing is kept on disk, or there was no room.</returns>
    public long Hold(LedgerClass ledgerClass, string owner, in QueuedMessage queued)
    {
        if (_journal is null || !TryStore(queued.Message, OwnerOf(ledgerClass, owner)))
            return 0;
        long entry = LastEntry = Entry.Number(++LastEntryCount, ledgerClass);
        new HeldRecord(entry, owner, queued.Message.Position, queued.QoS, queued.Retain, queued.Identifiers).Write(_record);
        Append(isWaitedFor: queued.Message.QoS != QoS.AtMostOnce);
        LedgerAccount account = Ledger[ledgerClass];
        account.Accepted++;
        account.Pending++;
        return entry;
    }

    /// <summary>An entry of a recovery is held again.</summary>
    /// <param name="entry">Its number.</param>
    /// <param name="message">Null after PUBREC.</param>
    public void Resume(long entry, Message? message)
    {
        if (message is not null)
            _ = _journal!.TryHold(message.Position);
        Ledger[Entry.ClassOf(entry)].Pending++;
    }

    /// <summary>An entry of a recovery whose message cannot be read: it is dropped and counted.</summary>
    public void ResumeLost(long entry, string owner)
    {
        Resume(entry, message: null);
        this.Drop(OwnerOf(Entry.ClassOf(entry), owner), entry, message: null, DropReason.Damaged);
    }

    /// <summary>An entry is sent under a Packet Identifier. QoS 2: not before that is on disk, or the client could get it twice.</summary>
    public void Sent(long entry, ushort packetId, QoS qos)
    {
        if (entry == 0)
            return;
        _record.Start(RecordKind.Sent).Add(entry).Add((long)packetId).Add((byte)qos);
        Append(isWaitedFor: qos == QoS.ExactlyOnce);
    }

    /// <summary>PUBREC: PUBREL leaves when that is on disk. A message is needed no longer, unless it is null here.</summary>
    public void Received(long entry, Message? message)
    {
        if (entry == 0)
            return;
        _record.Start(RecordKind.Received).Add(entry);
        Append(isWaitedFor: true);
        if (message is not null)
            Release(message);
    }

    /// <summary>The custody of an entry ends.</summary>
    /// <param name="entry">0 for a message that was not kept.</param>
    /// <param name="message">Null after <see cref="Received"/>.</param>
    /// <param name="outcome">What became of it.</param>
    public void Settle(long entry, Message? message, Outcome outcome)
    {
        if (entry == 0)
            return;
        _record.Start(RecordKind.Settled).Add(entry).Add(outcome.Value);
        Append(isWaitedFor: false);
        LedgerAccount account = Ledger[Entry.ClassOf(entry)];
        account.Pending--;
        account.Settle(outcome);
        if (message is not null)
            Release(message);
        Settled?.Invoke(entry, outcome);
    }

    /// <summary>An entry is not sent any more, until <see cref="TakenBack"/>. It stays pending.</summary>
    public void SetAside(long entry, AsideReason why)
    {
        if (entry == 0)
            return;
        _record.Start(RecordKind.SetAside).Add(entry).Add(why.Value);
        Append(isWaitedFor: false);
        Ledger[Entry.ClassOf(entry)].Aside++;
    }

    public void TakenBack(long entry)
    {
        if (entry == 0)
            return;
        _record.Start(RecordKind.TakenBack).Add(entry);
        Append(isWaitedFor: false);
        Ledger[Entry.ClassOf(entry)].Aside--;
    }

    /// <summary>An entry of a recovery that was set aside.</summary>
    public void ResumeAside(long entry) => Ledger[Entry.ClassOf(entry)].Aside++;

    public void HasMoved(string owner) => Moved?.Invoke(owner);

    // ---- Retained messages

    /// <summary>A message is the retained one of its topic from now on. What the gateway itself retains it can make anew.</summary>
    public void Retain(Message message)
    {
        if (_journal is null || message.Origin == Origin.Gateway || !TryStore(message, DropOwner.Topic(message.Topic)))
            return;
        message.IsRetainedOnDisk = true;
        _record.Start(RecordKind.Retained).Add(message.Position).Add(message.TopicUtf8);
        Append(isWaitedFor: message.QoS != QoS.AtMostOnce);
    }

    /// <summary>A message is not retained any more: it was cleared, or <paramref name="isReplaced"/> by the one retained just before.</summary>
    public void Unretain(Message message, bool isReplaced)
    {
        if (!message.IsRetainedOnDisk)
            return;
        message.IsRetainedOnDisk = false;
        if (!isReplaced)
        {
            _record.Start(RecordKind.RetainedRemoved).Add(message.TopicUtf8);
            Append(isWaitedFor: true);
        }

        Release(message);
    }

    /// <summary>A retained message of a recovery.</summary>
    public void ResumeRetained(Message message)
    {
        _ = _journal!.TryHold(message.Position);
        message.IsRetainedOnDisk = true;
    }

    // ---- Sessions

    /// <summary>A Session that outlives its connection begins, or its terms have changed.</summary>
    public bool SessionBegan(string clientId, uint expirySeconds, bool isBridge)
    {
        if (_journal is null)
            return false;
        new SessionRecord(clientId, expirySeconds, isBridge).Write(_record);
        Append(isWaitedFor: true);
        return true;
    }

    public void SessionLeft(string clientId, uint expirySeconds)
    {
        if (_journal is null || (!_hasClock && WriteClock() == AppendResult.Full))
            return; // no room even in the reserve: after a crash it has its whole time again
        _record.Start(RecordKind.SessionLeft).Add(clientId).Add(ground.Clock.ToUnixMs(_turn.NowMs)).Add((long)expirySeconds).Add(ground.Running.Of(_turn.NowMs));
        Append(isWaitedFor: false);
    }

    public void SessionEnded(string clientId)
    {
        _record.Start(RecordKind.SessionEnded).Add(clientId);
        Append(isWaitedFor: true);
    }

    public void Subscribed(Subscription subscription)
    {
        SubscriptionRecord.Of(subscription).Write(_record);
        Append(isWaitedFor: true);
    }

    public void Unsubscribed(string clientId, TopicFilter filter)
    {
        _record.Start(RecordKind.Unsubscribed).Add(clientId).Add(filter.Value);
        Append(isWaitedFor: true);
    }

    public void UpstreamInboundOpened(string upstream, ushort packetId) => InboundOpened(InboundOwner.OfUpstream(upstream), packetId);

    public void UpstreamInboundClosed(string upstream, ushort packetId) => InboundClosed(InboundOwner.OfUpstream(upstream), packetId);

    /// <summary>A QoS 2 Packet Identifier of a client or an upstream is in use, so that the message is not published twice.</summary>
    public void InboundOpened(string owner, ushort packetId)
    {
        _record.Start(RecordKind.InboundOpened).Add(owner).Add((long)packetId);
        Append(isWaitedFor: true);
    }

    public void InboundClosed(string owner, ushort packetId)
    {
        _record.Start(RecordKind.InboundClosed).Add(owner).Add((long)packetId);
        Append(isWaitedFor: true);
    }

    // ---- Devices and Wills

    public void DeviceKnown(string clientId)
    {
        _record.Start(RecordKind.DeviceKnown).Add(clientId);
        Append(isWaitedFor: false);
    }

    public void DeviceReachable(string clientId)
    {
        _record.Start(RecordKind.DeviceReachable).Add(clientId);
        Append(isWaitedFor: false);
    }

    public void DeviceForgotten(string clientId)
    {
        _record.Start(RecordKind.DeviceForgotten).Add(clientId);
        Append(isWaitedFor: false);
    }

    /// <summary>The Will that a client has now; null for none, or no more. Published after a restart that the client was not seen to leave before.</summary>
    public void WillIs(string clientId, WillMessage? will)
    {
        if (_journal is null || (will is null && !_wills.Remove(clientId)))
            return;
        if (will is null)
        {
            _record.Start(RecordKind.WillGone).Add(clientId);
        }
        else
        {
            _wills[clientId] = will;
            new WillRecord(clientId, will).Write(_record);
        }

        Append(isWaitedFor: false);
    }

    // ---- The journal

    private bool TryStore(Message message, in DropOwner owner)
    {
        if (message.Position != 0 && _journal!.TryHold(message.Position))
            return true;
        long position = 0;
        AppendResult result = _hasClock ? AppendResult.Appended : WriteClock();
        if (result == AppendResult.Appended)
        {
            MessageRecord.Write(_record, message, ground.Clock, ground.Running);
            result = _journal!.TryAppend(_record.Written, RecordLife.Body, reserve: false, out position);
        }

        switch (result)
        {
            case AppendResult.Appended:
                message.Position = position;
                return true;
            case AppendResult.Full:
                Counters.Drop(new Drop(DropReason.JournalFull, owner, message.Topic, message.ContentBytes));
                _turn.Gate.Refuse();
                return false;
            default:
                // Nothing is acknowledged any more; the gateway is about to stop.
                _turn.Gate.Require(long.MaxValue);
                return false;
        }
    }

    // Lazy: a crash that loses it makes what waits a little younger.
    private AppendResult WriteClock()
    {
        Time.Now().Write(_record);
        AppendResult result = _journal!.TryAppend(_record.Written, RecordLife.Event, reserve: true, out _);
        if (result != AppendResult.Appended)
            return result;
        Time.Written();
        _hasClock = true;
        return result;
    }

    private void Append(bool isWaitedFor)
    {
        if (_journal is null)
            return;
        AppendResult result = _journal.TryAppend(_record.Written, RecordLife.Event, reserve: true, out long position);
        if (result == AppendResult.Failed)
            _turn.Gate.Require(long.MaxValue);
        else if (result == AppendResult.Appended && isWaitedFor) // Full: even the reserve is gone, and after a crash this would be done once more.
            _turn.Gate.Require(position);
    }

    private static DropOwner OwnerOf(LedgerClass ledgerClass, string owner) =>
        ledgerClass == LedgerClass.Relay ? DropOwner.Upstream(owner) : DropOwner.Client(owner);

    private void Release(Message message) => _journal!.Release(message.Position);
}
