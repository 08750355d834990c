using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>
/// The messages in custody by their entries, while a journal is read. There may be many millions, so they are values in small arrays, as the journal's own index of them: the collector sees two objects
/// for some dozens of them, and nothing is copied as they grow. What few have is beside them (<see cref="EntryRarity"/>).
/// </summary>
internal sealed class RecoveredEntries
{
    // So many counts of one class are one piece. Chosen: as many as one word has bits.
    private const int PieceBits = 6;
    private const int PieceMask = (1 << PieceBits) - 1;
    private const int ClassBits = 2;

    private readonly Dictionary<long, Piece> _pieces = [];
    private Piece? _found;
    private long _foundNumber = -1;

    // There may be a million messages of one owner.
    private readonly List<string> _owners = [];
    private readonly Dictionary<string, int> _ownerNumbers = new(StringComparer.Ordinal);
    private EntryRarity? _lastRarity;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>What they take in memory, about.</summary>
    public long Bytes { get; private set; }

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<RecoveredEntry> All
    {
        get
        {
            foreach ((long number, Piece piece) in _pieces)
                for (ulong live = piece.Live; live != 0; live &= live - 1)
                    yield return Read(number, piece, BitOperations.TrailingZeroCount(live));
        }
    }

    /// <summary>What was in flight in the order it was sent, then the others in the order they were accepted.</summary>
    /// <param name="isTaken">Each is gone when its turn has come, and so is what it took in memory.</param>
    public IEnumerable<RecoveredEntry> InOrder(bool isTaken)
    {
        foreach ((_, long entry) in InFlight())
        {
            if (!TryFind(entry, out RecoveredEntry sent))
                continue;
            if (isTaken)
                _ = Remove(entry);
            yield return sent;
        }

        long[] numbers = [.. _pieces.Keys];
        Array.Sort(numbers);
        for (int first = 0, behind = 0; first < numbers.Length; first = behind)
        {
            // The same counts of all classes.
            ulong live = 0;
            for (; behind < numbers.Length && numbers[behind] >> ClassBits == numbers[first] >> ClassBits; behind++)
                live |= _pieces[numbers[behind]].Live;
            for (; live != 0; live &= live - 1)
                for (int i = first; i < behind; i++)
                {
                    if (!TryFind(EntryOf(numbers[i], BitOperations.TrailingZeroCount(live)), out RecoveredEntry waiting) || waiting.PacketId != 0)
                        continue;
                    if (isTaken)
                        _ = Remove(waiting.Held.Entry);
                    yield return waiting;
                }
        }
    }

    /// <summary>A message waits, or waits as it did at the moment of a slice.</summary>
    /// <param name="held">What the record says.</param>
    /// <param name="at">The number of the record.</param>
    /// <returns>False when there was one of this entry, which is as it is said now.</returns>
    public bool Hold(in HeldRecord held, long at)
    {
        Piece piece = PieceFor(NumberOf(held.Entry));
        int index = IndexOf(held.Entry);
        bool isNew = (piece.Live & (1UL << index)) == 0;
        if (isNew)
        {
            Count++;
            Bytes -= piece.Bytes;
            piece.Add(index);
            Bytes += piece.Bytes;
        }

        RecoveredEntry entry = new(held, at);
        Write(piece, index, entry, OwnerNumber(held.Owner));
        return isNew;
    }

    /// <summary>What is known of an entry.</summary>
    /// <returns>False when there is no such entry.</returns>
    public bool TryFind(long entry, out RecoveredEntry found)
    {
        if (!TryFindPlace(entry, out Piece? piece, out int index))
        {
            found = default;
            return false;
        }

        found = Read(NumberOf(entry), piece, index);
        return true;
    }

    /// <summary>There is such an entry.</summary>
    public bool Has(long entry) => TryFindPlace(entry, out _, out _);

    /// <summary>Something else is known of an entry that there is. Its owner and its message stay.</summary>
    public void Set(in RecoveredEntry entry)
    {
        Piece piece = FindPiece(NumberOf(entry.Held.Entry))!;
        int index = IndexOf(entry.Held.Entry);
        Write(piece, index, entry, piece.Find(index).Owner);
    }

    /// <returns>False when there was no such entry.</returns>
    public bool Remove(long entry)
    {
        if (!TryFindPlace(entry, out Piece? piece, out int index))
            return false;
        SetRarity(piece, index, null);
        Bytes -= piece.Bytes;
        piece.Remove(index);
        Bytes += piece.Bytes;
        Count--;
        if (piece.Live != 0)
            return true;
        _ = _pieces.Remove(NumberOf(entry));
        Bytes -= piece.Bytes;
        (_found, _foundNumber) = (null, -1);
        return true;
    }

    /// <summary>All that is known is of a backup (<see cref="RecoveredEntry.Restored"/>).</summary>
    public void Restored()
    {
        foreach (RecoveredEntry known in All)
        {
            RecoveredEntry entry = known;
            entry.Restored();
            Set(entry);
        }
    }

    private static long NumberOf(long entry) => (Entry.Count(entry) >> PieceBits << ClassBits) | (long)Entry.ClassOf(entry);

    private static int IndexOf(long entry) => (int)Entry.Count(entry) & PieceMask;

    private static long EntryOf(long number, int index) => Entry.Number((number >> ClassBits << PieceBits) + index, (LedgerClass)(number & ((1 << ClassBits) - 1)));

    private List<(long SentAt, long Entry)> InFlight()
    {
        List<(long SentAt, long Entry)> sent = [];
        foreach ((long number, Piece piece) in _pieces)
            for (ulong live = piece.HasRarities ? piece.Live : 0; live != 0; live &= live - 1)
            {
                int index = BitOperations.TrailingZeroCount(live);
                if (piece.RarityOf(index) is { PacketId: not 0 } rarity)
                    sent.Add((rarity.SentAt, EntryOf(number, index)));
            }

        if (sent.Count > 1)
            sent.Sort();
        return sent;
    }

    private RecoveredEntry Read(long number, Piece piece, int index)
    {
        ref Slot slot = ref piece.Find(index);
        EntryRarity? rarity = piece.RarityOf(index);
        HeldRecord held = new(EntryOf(number, index), _owners[slot.Owner], slot.Message, (QoS)(slot.Marks & Slot.QoSMask), (slot.Marks & Slot.RetainBit) != 0, rarity?.Identifiers);
        RecoveredEntry entry = new(held, slot.HeldAt)
        {
            Aside = (slot.Marks & Slot.AsideBit) != 0 ? new AsideReason(slot.Aside) : null,
            OfEndedSession = rarity?.OfEndedSession,
            IsReceived = (slot.Marks & Slot.ReceivedBit) != 0,
            IsOfBackup = (slot.Marks & Slot.OfBackupBit) != 0,
            SentQoS = (QoS)((slot.Marks >> Slot.SentQoSShift) & Slot.QoSMask),
        };
        if (rarity is not null)
            entry.IsInFlight(rarity.PacketId, rarity.SentAt);
        return entry;
    }

    private void Write(Piece piece, int index, in RecoveredEntry entry, int owner)
    {
        int marks = (int)entry.Held.QoS | ((int)entry.SentQoS << Slot.SentQoSShift) | (entry.Held.Retain ? Slot.RetainBit : 0) | (entry.IsReceived ? Slot.ReceivedBit : 0)
            | (entry.IsOfBackup ? Slot.OfBackupBit : 0) | (entry.Aside is not null ? Slot.AsideBit : 0);
        piece.Find(index) = new Slot { Message = entry.Held.Message, HeldAt = entry.HeldAt, Owner = owner, Marks = (byte)marks, Aside = entry.Aside?.Value ?? 0 };
        EntryRarity? rarity = null;
        if (!EntryRarity.IsNone(entry))
            rarity = _lastRarity?.IsOf(entry) is true ? _lastRarity : _lastRarity = new EntryRarity(entry.Held.Identifiers, entry.OfEndedSession, entry.PacketId, entry.SentAt);
        SetRarity(piece, index, rarity);
    }

    private void SetRarity(Piece piece, int index, EntryRarity? rarity)
    {
        EntryRarity? before = piece.RarityOf(index);
        if (ReferenceEquals(before, rarity))
            return;
        if (before is not null && --before.Holders == 0)
            Bytes -= before.Bytes;
        if (rarity is not null && rarity.Holders++ == 0)
            Bytes += rarity.Bytes;
        Bytes -= piece.Bytes;
        piece.SetRarity(index, rarity);
        Bytes += piece.Bytes;
    }

    private int OwnerNumber(string owner)
    {
        if (!_ownerNumbers.TryGetValue(owner, out int number))
        {
            _ownerNumbers.Add(owner, number = _owners.Count);
            _owners.Add(owner);
        }

        return number;
    }

    private bool TryFindPlace(long entry, [NotNullWhen(true)] out Piece? piece, out int index)
    {
        (piece, index) = (FindPiece(NumberOf(entry)), IndexOf(entry));
        return piece is not null && (piece.Live & (1UL << index)) != 0;
    }

    private Piece? FindPiece(long number)
    {
        if (number == _foundNumber)
            return _found;
        if (!_pieces.TryGetValue(number, out Piece? piece))
            return null;
        (_found, _foundNumber) = (piece, number);
        return piece;
    }

    private Piece PieceFor(long number)
    {
        if (FindPiece(number) is { } there)
            return there;
        Piece piece = new();
        _pieces.Add(number, piece);
        Bytes += piece.Bytes;
        (_found, _foundNumber) = (piece, number);
        return piece;
    }

    // 24 bytes.
    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public const int QoSMask = 0x03;
        public const int RetainBit = 0x04;
        public const int ReceivedBit = 0x08;
        public const int SentQoSShift = 4;
        public const int OfBackupBit = 0x40;
        public const int AsideBit = 0x80;

        public long Message;
        public long HeldAt;
        public int Owner;
        public byte Marks;
        public byte Aside;
    }

    private sealed class Piece
    {
        private const int SlotsFirst = 4;
        private const int ObjectBytes = 96; // with its place in a table that has just grown
        private const int ArrayBytes = 24;
        private const int SlotBytes = 24;

        private Slot[] _slots = new Slot[SlotsFirst];
        private EntryRarity?[]? _rarities; // as long as the other; null where none has any

        /// <summary>Which counts there are. The array has them in their order.</summary>
        public ulong Live { get; private set; }

        public bool HasRarities => _rarities is not null;

        public int Bytes => ObjectBytes + ArrayBytes + (_slots.Length * SlotBytes) + (_rarities is null ? 0 : ArrayBytes + (_slots.Length * sizeof(long)));

        public ref Slot Find(int index) => ref _slots[PlaceOf(index)];

        public EntryRarity? RarityOf(int index) => _rarities?[PlaceOf(index)];

        public void SetRarity(int index, EntryRarity? rarity)
        {
            if (rarity is not null)
                _rarities ??= new EntryRarity?[_slots.Length];
            if (_rarities is not null)
                _rarities[PlaceOf(index)] = rarity;
        }

        public void Add(int index)
        {
            int count = BitOperations.PopCount(Live);
            if (count == _slots.Length)
                Resize(count * 2);
            int at = PlaceOf(index);
            Live |= 1UL << index;
            _slots.AsSpan(at, count - at).CopyTo(_slots.AsSpan(at + 1));
            if (_rarities is null)
                return;
            _rarities.AsSpan(at, count - at).CopyTo(_rarities.AsSpan(at + 1));
            _rarities[at] = null;
        }

        public void Remove(int index)
        {
            int count = BitOperations.PopCount(Live);
            int at = PlaceOf(index);
            Live &= ~(1UL << index);
            _slots.AsSpan(at + 1, count - at - 1).CopyTo(_slots.AsSpan(at));
            if (_rarities is not null)
            {
                _rarities.AsSpan(at + 1, count - at - 1).CopyTo(_rarities.AsSpan(at));
                _rarities[count - 1] = null;
                if (Array.TrueForAll(_rarities, static rarity => rarity is null))
                    _rarities = null;
            }

            // One that outlives all around it is small.
            if (count - 1 <= _slots.Length / 4 && _slots.Length > SlotsFirst)
                Resize(_slots.Length / 2);
        }

        private void Resize(int length)
        {
            Array.Resize(ref _slots, length);
            if (_rarities is not null)
                Array.Resize(ref _rarities, length);
        }

        private int PlaceOf(int index) => BitOperations.PopCount(Live & ((1UL << index) - 1));
    }
}
