using System.Buffers.Binary;

namespace DeviceMqtt.Journal;

/// <summary>Reads a snapshot (<see cref="SnapshotFile"/>) slice by slice: of a state of millions of things there is never more than one in memory. Its bytes are checked before and once more as they are given.</summary>
internal sealed class SnapshotReader : IDisposable
{
    private const int PieceBytes = 64 * 1024; // chosen: as much as a slice mostly has

    private readonly IJournalFile _file;
    private readonly string _name;
    private readonly long _length;
    private readonly uint _expectedCrc;
    private byte[] _bytes = new byte[PieceBytes];
    private long _at = SnapshotFile.BodyOffset;
    private uint _crc;
    private int _nextBytes;

    /// <exception cref="JournalException">The file is damaged or of a newer format.</exception>
    public SnapshotReader(IJournalFile file, string name)
    {
        (_file, _name, _length) = (file, name, file.Length);
        uint crc = CheckReadable();
        Span<byte> start = stackalloc byte[SnapshotFile.BodyOffset];
        if (_length < start.Length || file.Read(0, start) < start.Length || !SnapshotFile.IsSnapshot(start))
            throw Damaged($"'{name}' does not begin like a snapshot");
        _expectedCrc = SnapshotFile.CrcOf(start);
        if (crc != _expectedCrc)
            throw Damaged($"the snapshot '{name}' is damaged");
        bool isFirst = SnapshotFile.IsFirstVersion(start, name);
        UpTo = ReadNumber();
        LastPosition = isFirst ? UpTo : ReadNumber();
        Segments = ReadSegments(isFirst);
        if (isFirst)
            (NextPosition, _nextBytes) = (UpTo, (int)(_length - _at)); // one slice, without a header
        else
            FindNext();
    }

    /// <summary>Events until there are superfluous.</summary>
    public long UpTo { get; }

    /// <inheritdoc cref="SnapshotFile.LastPosition"/>
    public long LastPosition { get; }

    /// <inheritdoc cref="SnapshotFile.Segments"/>
    public IReadOnlyList<NeededSegment> Segments { get; }

    /// <summary>The position of the slice that comes next; null behind the last.</summary>
    public long? NextPosition { get; private set; }

    /// <summary>The slice that comes next.</summary>
    /// <returns>Its state, until the next call.</returns>
    /// <exception cref="JournalException">The file is not any more what it was when it was checked.</exception>
    public ReadOnlySpan<byte> Take()
    {
        if (_bytes.Length < _nextBytes)
            _bytes = new byte[_nextBytes];
        Span<byte> state = _bytes.AsSpan(0, _nextBytes);
        Read(state);
        FindNext();
        return state;
    }

    public void Dispose() => _file.Dispose();

    private static JournalException Damaged(string what) => new(JournalFault.Damaged, what);

    // Of all bytes behind the checksum.
    private uint CheckReadable()
    {
        List<Unreadable> unreadable = [];
        uint crc = 0;
        for (long at = 0; at < _length;)
        {
            int read = ReadAround.Read(_file, at, _bytes.AsSpan(0, (int)Math.Min(_bytes.Length, _length - at)), unreadable);
            if (read == 0)
                throw new IOException($"'{_name}' has {_length} bytes, of which {at} could be read");
            int head = (int)Math.Clamp(SnapshotFile.BodyOffset - at, 0, read);
            crc = Crc32C.Compute(crc, _bytes.AsSpan(head, read - head));
            at += read;
        }

        return unreadable.Count == 0 ? crc
            : throw Damaged($"the snapshot '{_name}' is damaged: {unreadable[0].Bytes} bytes from byte {unreadable[0].Offset} on cannot be read ({unreadable[0].Why})");
    }

    private NeededSegment[] ReadSegments(bool isFirst)
    {
        Span<byte> four = stackalloc byte[sizeof(int)];
        Read(four);
        int count = BinaryPrimitives.ReadInt32LittleEndian(four);
        if (count < 0 || count * (isFirst ? 1L : 2L) * sizeof(long) > _length - _at)
            throw Damaged($"the snapshot '{_name}' names {count} segments, more than it has room for");
        NeededSegment[] segments = new NeededSegment[count];
        for (int i = 0; i < count; i++)
            segments[i] = new NeededSegment(ReadNumber(), isFirst ? 0 : ReadNumber());
        return segments;
    }

    private void FindNext()
    {
        if (_at == _length)
        {
            NextPosition = null;
            if (_crc != _expectedCrc)
                throw Damaged($"the snapshot '{_name}' is not what it was a moment ago");
            return;
        }

        if (_length - _at < sizeof(long) + sizeof(int))
            throw Damaged($"the snapshot '{_name}' ends in the middle of a slice");
        NextPosition = ReadNumber();
        Span<byte> four = stackalloc byte[sizeof(int)];
        Read(four);
        _nextBytes = BinaryPrimitives.ReadInt32LittleEndian(four);
        if (_nextBytes < 0 || _nextBytes > _length - _at)
            throw Damaged($"the snapshot '{_name}' ends in the middle of a slice");
    }

    private long ReadNumber()
    {
        Span<byte> eight = stackalloc byte[sizeof(long)];
        Read(eight);
        return BinaryPrimitives.ReadInt64LittleEndian(eight);
    }

    private void Read(Span<byte> bytes)
    {
        if (_length - _at < bytes.Length || _file.Read(_at, bytes) < bytes.Length)
            throw Damaged($"the snapshot '{_name}' ends too early");
        _crc = Crc32C.Compute(_crc, bytes);
        _at += bytes.Length;
    }
}
