namespace DeviceMqtt.Journal;

/// <summary>
/// A snapshot that its owner writes slice by slice, over many turns, while records go on coming in. Each slice is the state
/// of some of the owner's things as they are at that moment. A recovery gets slices and records in the order in which they
/// were made: a record of a thing whose slice comes later changes nothing that counts (the slice has its result), and one of
/// a thing whose slice came before changes it as it did then. So a slice replaces what was known of its things, and a record
/// of a thing that is not known is passed over.
/// Used by one thread at a time.
/// </summary>
public sealed class JournalSnapshot
{
    private readonly Func<long> _lastPosition;
    private readonly Func<JournalSnapshot, bool> _finish;
    private readonly Action<JournalSnapshot> _abandon;
    private readonly List<SnapshotSlice> _slices = [];
    private readonly SliceMemory _memory = new();
    private bool _hasEnded;

    internal JournalSnapshot(long upTo, long eventBytes, Func<long> lastPosition, Func<JournalSnapshot, bool> finish, Action<JournalSnapshot> abandon)
    {
        _lastPosition = lastPosition;
        _finish = finish;
        _abandon = abandon;
        EventBytes = eventBytes;
        UpTo = upTo;
    }

    /// <summary>Events until here are superfluous when it is on the disk.</summary>
    public long UpTo { get; }

    /// <summary>Bytes added until now.</summary>
    public long Bytes { get; private set; }

    internal IReadOnlyList<SnapshotSlice> Slices => _slices;

    internal long LastPosition => _slices.Count == 0 ? UpTo : _slices[^1].Position;

    /// <summary>Of the events that it makes superfluous.</summary>
    internal long EventBytes { get; }

    /// <summary>Adds a slice, which is of the records until now. It is copied.</summary>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public void Add(ReadOnlySpan<byte> slice) => Add(slice, _lastPosition());

    internal void Add(ReadOnlySpan<byte> slice, long position)
    {
        if (_hasEnded)
            throw new InvalidOperationException("the snapshot has ended");
        _slices.Add(new SnapshotSlice(position, _memory.Copy(slice)));
        Bytes += slice.Length;
    }

    /// <summary>All slices were added: the journal writes them, when the records that they are of are durable.</summary>
    /// <returns>False when the journal has failed.</returns>
    public bool Finish()
    {
        if (_hasEnded)
            return false;
        _hasEnded = true;
        if (_finish(this))
            return true; // whoever writes it lets go of it
        LetGo();
        return false;
    }

    /// <summary>There will be no such snapshot; another may begin. After <see cref="Finish"/> it does nothing.</summary>
    public void Abandon()
    {
        if (_hasEnded)
            return;
        _hasEnded = true;
        _abandon(this);
        LetGo();
    }

    /// <summary>Nobody reads the slices any more.</summary>
    internal void LetGo()
    {
        _slices.Clear();
        _memory.Clear();
    }
}
