using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Snapshots;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>
/// What the journal says the state is: the records of the snapshot and all that came after, applied in order. Messages are
/// only numbers here; those that are still needed are read when all records are known.
/// <para>
/// A snapshot comes in slices, each of its own moment, with the records of what happened in between
/// (<see cref="JournalSnapshot"/>). So what a slice says of a thing replaces what was known of it, what ends a thing that no slice had
/// yet ends nothing, and an entry is counted once, wherever it comes first.
/// </para>
/// </summary>
/// <param name="bytesMax">Of memory for it: a journal that was written where there is more is refused with a word, and the process does not die of it.</param>
internal sealed partial class RecoveredState(long bytesMax = long.MaxValue) : IJournalReplay
{
    private const int SessionBytes = 512; // with its tables
    private const int GivenBytes = 48; // a number in a table, which doubles when it grows
    private const int TextBytes = 128; // what has a text, without its characters

    // Of the texts in the tables below.
    private long _textBytes;

    private readonly RecoveredEntries _entries = new();
    private readonly Dictionary<string, (long Position, string? User, long Number)> _retained = new(StringComparer.Ordinal);

    // When the last Session of a client ended that has ended, and whose it was: what was held before that waited for it.
    private readonly Dictionary<string, (long Applied, UserIdentity User)> _ended = new(StringComparer.Ordinal);
    private FormerUser? _lastEnded;
    private readonly Dictionary<long, OwedReceipt> _receipts = [];
    private long _applied;

    // Once all records are known: which messages are needed, and which of them by several.
    private PositionSet? _live;
    private readonly PositionSet _shared = new();

    public Dictionary<string, RecoveredSession> Sessions { get; } = new(StringComparer.Ordinal);

    /// <summary>Messages in custody: what was in flight in the order it was sent, then the others in the order they were accepted.</summary>
    public IEnumerable<RecoveredEntry> Entries => _entries.InOrder(isTaken: false);

    /// <summary>The same, once: each is gone when its turn has come.</summary>
    public IEnumerable<RecoveredEntry> TakeEntries() => _entries.InOrder(isTaken: true);

    /// <summary>
    /// The positions of the retained messages, who published each (no user where there was none, and in a journal of a version before), and their numbers: in a
    /// journal of a version before it is the position.
    /// </summary>
    public IEnumerable<(long Position, string? User, long Number)> Retained => _retained.Values;

    /// <summary>The highest number that a retained message is known to have had.</summary>
    public long LastRetained { get; private set; }

    /// <summary>Who is to be told what becomes of an entry.</summary>
    public bool TryFindReceipt(long entry, out OwedReceipt owed) => _receipts.TryGetValue(entry, out owed);

    public Dictionary<string, WillRecord> Wills { get; } = new(StringComparer.Ordinal);

    /// <summary>QoS 2 Packet Identifiers that wait for PUBREL, by client or upstream (<see cref="InboundOwner"/>), with the hash of what came under them where it is known.</summary>
    public Dictionary<string, Dictionary<ushort, uint?>> Inbound { get; } = new(StringComparer.Ordinal);

    /// <summary>QoS 2 Packet Identifiers that a peer may have open although their messages were given up, by client or upstream (<see cref="InboundOwner"/>).</summary>
    public Dictionary<string, HashSet<ushort>> GivenUp { get; } = new(StringComparer.Ordinal);

    /// <summary>What it takes in memory, about, with what is made of it: each message that waits has its place in a queue, and in the journal's index.</summary>
    public long Bytes => _entries.Bytes + (_entries.Count * (long)MemoryCost.Reference) + (Sessions.Count * (long)SessionBytes) + _textBytes;

    public Ledger Ledger { get; } = new();

    /// <summary>What the clocks showed last; null in a folder of a version that wrote no such thing.</summary>
    public ClockRecord? Clock { get; private set; }

    /// <summary>The number of the last entry there ever was.</summary>
    public long LastEntryCount { get; private set; }

    /// <summary>The snapshot is a list of records, each behind its length in four bytes.</summary>
    public void Snapshot(ReadOnlySpan<byte> state, long upTo)
    {
        while (SnapshotWriter.TryTake(ref state, out ReadOnlySpan<byte> record))
            Apply(record);
    }

    /// <summary>Told of the messages behind the snapshot; null for nobody.</summary>
    public MessageSeen? Seen { get; init; }

    public void Record(long position, RecordLife life, ReadOnlySpan<byte> record)
    {
        if (life == RecordLife.Event)
        {
            Apply(record);
        }
        else if (Seen is { } seen)
        {
            MessageRecord.Look(record, out ReadOnlySpan<byte> topic, out ReadOnlySpan<byte> payload, out long acceptedUnixMs);
            seen(topic, payload, acceptedUnixMs);
        }
    }

    public bool IsLive(long position) => (_live ??= FindLive()).Contains(position);

    /// <summary>Several wait for the message at a position, or one does and it is retained.</summary>
    public bool IsShared(long position)
    {
        _live ??= FindLive();
        return _shared.Contains(position);
    }

    private PositionSet FindLive()
    {
        PositionSet live = new();
        foreach ((long position, _, _) in _retained.Values)
            Add(position);
        foreach (RecoveredEntry entry in _entries.All)
            if (entry.NeedsItsMessage)
                Add(entry.Held.Message);
        return live;

        void Add(long position)
        {
            if (!live.Add(position))
                _ = _shared.Add(position);
        }
    }

    private void Apply(ReadOnlySpan<byte> bytes)
    {
        RecordReader record = new(bytes);
        RecordKind kind = record.ReadKind();
        _applied++;
        switch (kind)
        {
            case RecordKind.SessionBegan: ApplySessionBegan(SessionRecord.Read(ref record)); break;
            case RecordKind.SessionLeft: ApplySessionLeft(ref record); break;
            case RecordKind.SessionEnded: ApplySessionEnded(record.ReadText()); break;
            case RecordKind.Subscribed: ApplySubscribed(SubscriptionRecord.Read(ref record)); break;
            case RecordKind.Unsubscribed: ApplyUnsubscribed(record.ReadText(), record.ReadText()); break;
            case RecordKind.InboundOpened: ApplyInboundOpened(ref record); break;
            case RecordKind.InboundClosed: _ = Of(Inbound, record.ReadText()).Remove((ushort)record.ReadNumber()); break;
            case RecordKind.Held: ApplyHeld(HeldRecord.Read(ref record)); break;
            case RecordKind.Sent: ApplySent(ref record); break;
            case RecordKind.Received: ApplyReceived(record.ReadNumber()); break;
            case RecordKind.Settled: ApplySettled(record.ReadNumber(), new Outcome(record.ReadByte())); break;
            case RecordKind.Retained: ApplyRetained(ref record); break;
            case RecordKind.RetainedRemoved: ApplyRetainedRemoved(record.ReadText()); break;
            case RecordKind.DeviceKnown: ApplyDeviceKnown(record.ReadText(), record.ReadUserIdentity()); break;
            case RecordKind.DeviceForgotten: ApplyDeviceForgotten(record.ReadText(), ofAll: record.ReadMark()); break;
            case RecordKind.DeviceReachable: _ = Reachable.Add(record.ReadText()); break;
            case RecordKind.RetainedGiven or RecordKind.RetainedAllGiven: ApplyGiven(record.ReadText(), record.ReadText(), kind == RecordKind.RetainedGiven ? record.ReadNumber() : null); break;
            case RecordKind.RoleIs: Roles[record.ReadText()] = (ClientRole)record.ReadByte(); break;
            case RecordKind.WillSet: ApplyWillSet(WillRecord.Read(ref record)); break;
            case RecordKind.WillGone: ApplyWillGone(record.ReadText()); break;
            case RecordKind.SetAside or RecordKind.TakenBack: ApplySetAside(record.ReadNumber(), kind == RecordKind.SetAside ? new AsideReason(record.ReadByte()) : null); break;
            case RecordKind.Clock: Clock = ClockRecord.Read(ref record); break;
            case RecordKind.ReceiptOwed: ApplyReceiptOwed(ReceiptRecord.Read(ref record)); break;
            case RecordKind.OfEndedSession: ApplyOfEndedSession(record.ReadNumber(), record.ReadUserIdentity(), isForNobody: record.ReadMark()); break;
            case RecordKind.LedgerCount: ApplyLedgerCount(ref record); break;
            case RecordKind.Volatile: ApplyVolatile(VolatileRecord.Read(ref record)); break;
            default: throw new JournalException(JournalFault.NewerFormat, $"the journal has a record of kind {(byte)kind}, which this version does not know");
        }

        if (Bytes > bytesMax)
            throw new JournalException(JournalFault.NoMemory, $"the journal holds more than there is memory to read: {_entries.Count} messages that wait, {Sessions.Count} Sessions and {_retained.Count} retained messages take more than {bytesMax} bytes. Give the process more memory; nothing is lost");
    }

    private void ApplySessionBegan(SessionRecord terms)
    {
        if (Sessions.TryGetValue(terms.ClientId, out RecoveredSession? session))
        {
            session.Terms = terms;
            session.LeftRunningMs = null;
        }
        else
        {
            Sessions.Add(terms.ClientId, new RecoveredSession(terms));
        }
    }

    private void ApplySessionLeft(ref RecordReader record)
    {
        string clientId = record.ReadText();
        _ = record.ReadNumber(); // wall time, which decides nothing
        uint expirySeconds = (uint)record.ReadNumber();
        // Records of versions before have no running time: that of this folder began when the first that knows it opened it.
        long leftRunningMs = record.IsAtEnd ? 0 : record.ReadNumber();
        if (!Sessions.TryGetValue(clientId, out RecoveredSession? session))
            return;
        session.LeftRunningMs = leftRunningMs;
        session.Terms = session.Terms with { ExpirySeconds = expirySeconds };
    }

    private void ApplySessionEnded(string clientId)
    {
        if (Sessions.Remove(clientId, out RecoveredSession? ended))
            _textBytes -= ended.Subscriptions.Keys.Sum(BytesOf) + (ended.GivenCount * (long)GivenBytes);
        _ = Inbound.Remove(clientId);
        _ = GivenUp.Remove(clientId);
        // What waits for it is settled one by one, and the gateway may be gone before that is done.
        _ended[clientId] = (_applied, ended?.Terms.User ?? default);
    }

    private void ApplyOfEndedSession(long entry, in UserIdentity user, bool isForNobody)
    {
        if (!_entries.TryFind(entry, out RecoveredEntry ended))
            return;
        if (_lastEnded?.Identity != user || _lastEnded.IsForNobody != isForNobody)
            _lastEnded = new FormerUser(user, isForNobody);
        ended.OfEndedSession = _lastEnded;
        _entries.Set(ended);
    }

    /// <summary>The Session that an entry waited for has ended; there may be a new one of the same client.</summary>
    public bool HasEnded(in RecoveredEntry entry) => entry.OfEndedSession is not null || entry.HeldAt < _ended.GetValueOrDefault(entry.Held.Owner).Applied;

    // One that is owed, or all.
    private void ApplyGiven(string clientId, string filter, long? number)
    {
        if (number is not { } one)
            ForgetOwed(clientId, filter);
        else if (Sessions.GetValueOrDefault(clientId)?.Owed.GetValueOrDefault(filter) is { } owed && owed.Given.Add(one))
            _textBytes += GivenBytes;
    }

    private void ForgetOwed(string clientId, string filter)
    {
        if (Sessions.GetValueOrDefault(clientId) is { } session && session.Owed.Remove(filter, out OwedRetained? owed))
            _textBytes -= owed.Given.Count * (long)GivenBytes;
    }

    private void ApplyHeld(in HeldRecord held)
    {
        if (!_entries.Hold(held, _applied))
        {
            // Of a slice: as it was then.
            _ = _receipts.Remove(held.Entry);
            return;
        }

        LastEntryCount = Math.Max(LastEntryCount, Entry.Count(held.Entry));
        Ledger[Entry.ClassOf(held.Entry)].Accepted++;
    }

    private void ApplySent(ref RecordReader record)
    {
        long entry = record.ReadNumber();
        ushort packetId = (ushort)record.ReadNumber();
        if (entry == GivenUpRecord.NoEntry)
        {
            ApplyOfNoEntry(packetId, ref record);
            return;
        }

        if (!_entries.TryFind(entry, out RecoveredEntry sent))
            return;
        // Records of earlier versions do not have the QoS: those were for clients, at the QoS that was held for them.
        sent.Sent(packetId, record.IsAtEnd ? sent.Held.QoS : (QoS)record.ReadByte(), _applied);
        _entries.Set(sent);
        // Whoever has it now, it is not that of a message that was given up: there may have been no room to say that it was free.
        if (GivenUp.Count > 0 && packetId != 0)
            _ = GivenUp.GetValueOrDefault(OwnerOf(sent))?.Remove(packetId);
    }

    /// <summary>For whom an entry is, by the name of <see cref="InboundOwner"/>.</summary>
    public static string OwnerOf(in RecoveredEntry entry) =>
        Entry.ClassOf(entry.Held.Entry) == LedgerClass.Relay ? InboundOwner.OfUpstream(entry.Held.Owner) : entry.Held.Owner;

    /// <summary>The message of an entry in flight is given up.</summary>
    public void GiveUp(in RecoveredEntry entry) => _ = Of(GivenUp, OwnerOf(entry)).Add(entry.PacketId);

    private void ApplySetAside(long entry, AsideReason? why)
    {
        if (!_entries.TryFind(entry, out RecoveredEntry aside))
            return;
        aside.Sent(packetId: 0, QoS.AtMostOnce, _applied);
        aside.Aside = why;
        _entries.Set(aside);
    }

    private void ApplyReceiptOwed((long Entry, OwedReceipt Owed) receipt)
    {
        if (_entries.Has(receipt.Entry))
            _receipts[receipt.Entry] = receipt.Owed;
    }

    private void ApplyInboundOpened(ref RecordReader record)
    {
        Dictionary<ushort, uint?> open = Of(Inbound, record.ReadText());
        ushort packetId = (ushort)record.ReadNumber();
        open[packetId] = record.IsAtEnd ? null : (uint)record.ReadNumber();
    }

    private void ApplyReceived(long entry)
    {
        if (!_entries.TryFind(entry, out RecoveredEntry received))
            return;
        received.IsReceived = true;
        _entries.Set(received);
    }

    private void ApplySettled(long entry, Outcome outcome)
    {
        LedgerAccount account = Ledger[Entry.ClassOf(entry)];
        account.Settle(outcome);
        _ = _receipts.Remove(entry);
        if (!_entries.Remove(entry))
            account.Accepted++; // before a slice came to where it was
    }

    private void ApplyRetained(ref RecordReader record)
    {
        long position = record.ReadNumber();
        string topic = record.ReadText();
        string? user = record.ReadUser();
        long number = record.IsAtEnd ? position : record.ReadNumber();
        if (!_retained.ContainsKey(topic))
            _textBytes += BytesOf(topic);
        _retained[topic] = (position, user, number);
        LastRetained = Math.Max(LastRetained, number);
    }

    private void ApplyRetainedRemoved(string topic)
    {
        if (_retained.Remove(topic))
            _textBytes -= BytesOf(topic);
    }

    private void ApplyWillSet(in WillRecord will)
    {
        ApplyWillGone(will.Client.ClientId);
        Wills[will.Client.ClientId] = will;
        _textBytes += BytesOf(will);
    }

    private void ApplyWillGone(string clientId)
    {
        if (Wills.Remove(clientId, out WillRecord will))
            _textBytes -= BytesOf(will);
    }

    private static long BytesOf(string text) => TextBytes + (text.Length * sizeof(char));

    private static long BytesOf(in WillRecord will) => BytesOf(will.Will.Topic) + will.Will.Payload.Length;

    // What was counted before the snapshot; the entries that are in it count themselves in.
    private void ApplyLedgerCount(ref RecordReader record)
    {
        LastEntryCount = Math.Max(LastEntryCount, record.ReadNumber());
        LedgerAccount account = Ledger[(LedgerClass)record.ReadByte()];
        Outcome outcome = new(record.ReadByte());
        long count = record.ReadNumber();
        account.Accepted += count;
        account.Settle(outcome, count);
    }

    private void ApplyVolatile(in VolatileRecord said)
    {
        LedgerAccount account = new() { Accepted = said.Accepted };
        foreach ((Outcome outcome, long count) in said.Outcomes)
            account.Settle(outcome, count);
        Ledger[LedgerClass.Volatile].Become(account);
    }

    private static T Of<T>(Dictionary<string, T> all, string owner) where T : class, new()
    {
        if (!all.TryGetValue(owner, out T? its))
            all.Add(owner, its = new T());
        return its;
    }
}
