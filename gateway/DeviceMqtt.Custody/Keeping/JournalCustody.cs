using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
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
/// <item>What is volatile has no record, and is counted all the same (<see cref="VolatileMessages"/>).</item>
/// <item>A message is settled before it is released, so a crash never leaves a reference to what is gone.</item>
/// </list>
/// Without a journal nothing is kept, and no reply waits. What <see cref="ICustody"/> says is not said again here. Owned by the turn.
/// </summary>
internal sealed partial class JournalCustody(Ground ground, IMachineClock machine) : ICustody
{
    private readonly RecordWriter _record = new();
    private readonly Turn _turn = ground.Turn;
    private RecordJournal? _journal;
    private readonly Dictionary<string, WillRecord> _wills = new(StringComparer.Ordinal);
    private VolatileMessages? _volatile;

    public BrokerCounters Counters => ground.Counters;

    public Action<long, Outcome>? Settled { get; set; }

    public Func<long, bool>? IsOwed { get; set; }

    public long LastEntry { get; private set; }

    /// <summary>How many entries there ever were.</summary>
    public long LastEntryCount { get; private set; }

    public Ledger Ledger { get; } = new();

    private VolatileMessages Volatile => _volatile ??= new(Ledger[LedgerClass.Volatile]);

    /// <summary>The Wills on disk, by Client Identifier. After a clean stop, which ends connections that did not fail, they are nowhere but here.</summary>
    public IReadOnlyDictionary<string, WillRecord> Wills => _wills;

    /// <summary>Messages that wait, and are not in memory.</summary>
    public Spill Spill { get; } = new(ground.Limits.WaitingMemoryBytesMax, ground.Running);

    /// <summary>How long what waits has waited.</summary>
    public RunningTime Time { get; } = new(ground, machine);

    public bool IsOn => _journal is not null;

    /// <summary>Everything written until now.</summary>
    public long LastPosition => _journal?.LastPosition ?? 0;

    /// <summary>Goes on where a recovery ended.</summary>
    /// <param name="journal">Recovered, and open for more.</param>
    /// <param name="lastEntryCount">The number of the last entry.</param>
    /// <param name="wills">The Wills on disk, by Client Identifier.</param>
    /// <param name="clock">What the clocks showed last.</param>
    /// <returns>How much older what waits is than when the gateway stopped.</returns>
    public TimeOff Begin(RecordJournal journal, long lastEntryCount, Dictionary<string, WillRecord> wills, ClockRecord? clock)
    {
        foreach ((string clientId, WillRecord will) in wills)
            _wills[clientId] = will;
        _journal = journal;
        Spill.Begin(journal);
        LastEntryCount = lastEntryCount;
        _turn.Gate.Open(journal.DurablePosition);
        _turn.Gate.Disk = this;
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
        LetGoOfDropped();
        if (!_turn.Gate.EndTurn())
            return;
        if (Time.IsDue)
            _ = WriteClock(); // shares the sync of what is committed
        _journal!.Commit();
    }

    // ---- Messages

    public IWaitingList NewWaitingList() => new PagedWaitingList(Spill);

    public Message? Take(Message message) => Spill.Take(message, message.IsReference ? Counters.Trace?.Found() ?? 0 : 0);

    public void Forget(Message message) => Spill.Remove(message);

    public Message? Read(Message message) => message.IsReference ? Spill.Read(message.Position) : message;

    public Kept Hold(LedgerClass ledgerClass, string owner, in QueuedMessage queued, out long entry)
    {
        entry = 0;
        if (_journal is null)
            return Kept.NotNeeded;
        Message message = queued.Message;
        if (message.IsVolatile)
        {
            entry = Volatile.Take();
            return Kept.NotNeeded;
        }

        DropOwner dropOwner = OwnerOf(ledgerClass, owner);
        Kept stored = Store(message, dropOwner);
        if (!stored.IsOnDisk || stored.IsFailed)
            return stored;
        long next = Entry.Number(LastEntryCount + 1, ledgerClass);
        new HeldRecord(next, owner, message.Position, queued.QoS, queued.Retain, queued.Identifiers).Write(_record);
        Kept held = Append(_record);
        if (held.IsNoRoom)
            return ReleaseFor(message, dropOwner);
        LastEntryCount++;
        entry = LastEntry = next;
        LedgerAccount account = Ledger[ledgerClass];
        account.Accepted++;
        account.Pending++;
        return message.QoS == QoS.AtMostOnce ? Kept.NotNeeded : held;
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

    public Kept Sent(long entry, ushort packetId, QoS qos)
    {
        if (entry == 0)
            return qos == QoS.ExactlyOnce && _journal is { IsFailed: true } ? Kept.Failed : Kept.NotNeeded;
        if (!Entry.IsOnDisk(entry))
            return Kept.NotNeeded;
        _record.Start(RecordKind.Sent).Add(entry).Add((long)packetId).Add((byte)qos);
        Kept sent = Append(_record);
        return qos == QoS.ExactlyOnce || sent.IsNoRoom ? sent : Kept.NotNeeded;
    }

    public Kept Received(long entry, Message? message)
    {
        if (!Entry.IsOnDisk(entry))
            return Kept.NotNeeded;
        _record.Start(RecordKind.Received).Add(entry);
        Kept received = Append(_record);
        if (message is not null && !received.IsNoRoom)
            Release(message);
        return received;
    }

    public void Settle(long entry, Message? message, Outcome outcome)
    {
        Counters.Trace?.Settled(message?.TraceNumber ?? 0, entry, outcome);
        if (entry == 0)
            return;
        if (!Entry.IsOnDisk(entry))
        {
            Volatile.Settle(outcome);
            return;
        }

        if (IsOwed?.Invoke(entry) is true)
        {
            using FrameOfPacket frameOnDisk = new(this);
            SettleOnDisk(entry, message, outcome);
            return;
        }

        SettleOnDisk(entry, message, outcome);
    }

    private void SettleOnDisk(long entry, Message? message, Outcome outcome)
    {
        AppendLazily(_record.Start(RecordKind.Settled).Add(entry).Add(outcome.Value));
        End(entry, message, outcome);
    }

    public Kept Withdraw(in DropOwner owner, in QueuedMessage queued, DropReason reason)
    {
        if (!Entry.IsOnDisk(queued.Entry))
        {
            this.Drop(owner, queued.Entry, queued.Message, reason);
            return Kept.NotNeeded;
        }

        Outcome outcome = Outcome.Drop(reason);
        using FrameOfPacket frameOnDisk = new(this);
        Kept kept = Append(_record.Start(RecordKind.Settled).Add(queued.Entry).Add(outcome.Value));
        if (kept.IsNoRoom || kept.IsFailed)
            return kept;
        this.CountDrop(owner, queued.Entry, queued.Message, reason);
        Counters.Trace?.Settled(queued.Message.TraceNumber, queued.Entry, outcome);
        End(queued.Entry, queued.Message, outcome);
        return kept;
    }

    private void End(long entry, Message? message, Outcome outcome)
    {
        LedgerAccount account = Ledger[Entry.ClassOf(entry)];
        account.Pending--;
        account.Settle(outcome);
        if (message is not null)
            Release(message);
        long last = LastEntry;
        Settled?.Invoke(entry, outcome);
        LastEntry = last; // whoever is at it asks for what it has held itself
    }

    public void SetAside(long entry, AsideReason why)
    {
        if (entry == 0)
            return;
        if (Entry.IsOnDisk(entry))
            AppendLazily(_record.Start(RecordKind.SetAside).Add(entry).Add(why.Value));
        Ledger[Entry.ClassOf(entry)].Aside++;
    }

    public void TakenBack(long entry)
    {
        if (entry == 0)
            return;
        if (Entry.IsOnDisk(entry))
            AppendLazily(_record.Start(RecordKind.TakenBack).Add(entry));
        Ledger[Entry.ClassOf(entry)].Aside--;
    }

    /// <inheritdoc cref="VolatileMessages.Resume"/>
    public long ResumeVolatile(LedgerAccount said) => Volatile.Resume(said);

    /// <summary>An entry of a recovery that was set aside.</summary>
    public void ResumeAside(long entry) => Ledger[Entry.ClassOf(entry)].Aside++;

    public void HasMoved(string owner) => Moved?.Invoke(owner);

    public void ReceiptOwed(long entry, in OwedReceipt owed)
    {
        if (!Entry.IsOnDisk(entry))
            return;
        ReceiptRecord.Write(_record, entry, owed);
        AppendLazily(_record);
    }

    // ---- Retained messages

    /// <summary>A message is the retained one of its topic from now on. What is made anew after a start, or volatile, is in memory alone (<see cref="Message.IsInMemoryAlone"/>).</summary>
    public Kept Retain(Message message)
    {
        if (_journal is null || message.IsInMemoryAlone)
            return Kept.NotNeeded;
        DropOwner topic = DropOwner.Topic(message.Topic);
        Kept stored = Store(message, topic);
        if (!stored.IsOnDisk || stored.IsFailed)
            return stored;
        _record.Start(RecordKind.Retained).Add(message.Position).Add(message.TopicUtf8).AddUser(message.RetainedBy?.UserName).Add(message.RetainedNumber);
        Kept retained = Append(_record);
        if (retained.IsNoRoom)
            return ReleaseFor(message, topic);
        message.IsRetainedOnDisk = true;
        return message.QoS == QoS.AtMostOnce ? Kept.NotNeeded : retained;
    }

    public Kept Unretain(Message message, bool isReplaced)
    {
        if (!message.IsRetainedOnDisk)
            return Kept.NotNeeded;
        Kept removed = Kept.NotNeeded;
        if (!isReplaced)
        {
            _record.Start(RecordKind.RetainedRemoved).Add(message.TopicUtf8);
            removed = Append(_record);
            if (removed.IsNoRoom)
                return removed;
        }

        message.IsRetainedOnDisk = false;
        Release(message);
        return removed;
    }

    /// <summary>A retained message of a recovery.</summary>
    public void ResumeRetained(Message message)
    {
        _ = _journal!.TryHold(message.Position);
        message.IsRetainedOnDisk = true;
    }

    // ---- The journal

    // On disk, and held there once more.
    private Kept Store(Message message, in DropOwner owner)
    {
        if (message.Position != 0 && _journal!.TryHold(message.Position))
            return Kept.At(message.Position);
        long position = 0;
        AppendResult result = Time.IsWritten ? AppendResult.Appended : WriteClock();
        if (result == AppendResult.Appended)
        {
            MessageRecord.Write(_record, message, ground.Clock, ground.Running);
            result = _journal!.TryAppend(_record.Written, RecordLife.Body, reserve: false, out position);
        }

        switch (result)
        {
            case AppendResult.Appended:
                message.Position = position;
                return Kept.At(position);
            case AppendResult.Full:
                return NoRoomFor(message, owner);
            default:
                // Nothing is acknowledged any more; the gateway is about to stop.
                return Kept.Failed;
        }
    }

    private Kept ReleaseFor(Message message, in DropOwner owner)
    {
        Release(message);
        return NoRoomFor(message, owner);
    }

    private Kept NoRoomFor(Message message, in DropOwner owner)
    {
        Counters.Drop(new Drop(DropReason.JournalFull, owner, message.Topic, message.ContentBytes), message.TraceNumber);
        return Kept.NoRoom;
    }

    // Lazy: a crash that loses it makes what waits a little younger.
    private AppendResult WriteClock()
    {
        AppendResult result = Time.Write(_journal!, _record);
        _volatile?.Write(_journal!, _record);
        return result;
    }

    // Losing it costs a redelivery at most. A journal that has failed holds back the reply to the packet at hand all the same.
    private void AppendLazily(RecordWriter record)
    {
        Kept kept = Append(record);
        if (kept.IsFailed)
            _turn.Gate.Join(kept);
    }

    // No room: even the reserve is gone.
    private Kept Append(RecordWriter record)
    {
        if (_journal is null)
            return Kept.NotNeeded;
        if (_owedRestore is not null && SayRestored() is { IsOnDisk: false } unsaid)
            return unsaid;
        return _journal.TryAppend(record.Written, RecordLife.Event, reserve: true, out long position) switch
        {
            AppendResult.Appended => Kept.At(position),
            AppendResult.Full => Kept.NoRoom,
            _ => Kept.Failed,
        };
    }

    /// <summary>For whom an entry of a class is.</summary>
    public static DropOwner OwnerOf(LedgerClass ledgerClass, string owner) =>
        ledgerClass == LedgerClass.Relay ? DropOwner.Upstream(owner) : DropOwner.Client(owner);
}
