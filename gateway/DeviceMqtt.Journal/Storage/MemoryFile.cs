namespace DeviceMqtt.Journal;

/// <summary>A file of <see cref="MemoryStorage"/>: its bytes, and what of them the disk has for certain.</summary>
internal sealed class MemoryFile(MemoryStorage storage, long bytes) : IJournalFile
{
    // What a disk writes as a whole.
    private const int SectorBytes = 512;
    private readonly List<(long Offset, byte[] Bytes)> _unsynced = [];
    private SparseBytes _bytes = new(bytes);
    private SparseBytes _durable = new(0);

    // Bytes that the medium does not give back, until they are written anew.
    private List<(long Offset, long End)> _unreadable = [];

    public long Length => _bytes.Length;

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        using (storage.Gate.EnterScope())
        {
            storage.CountOperation("write");
            _bytes.Write(offset, bytes);
            long end = offset + bytes.Length;
            _ = _unreadable.RemoveAll(u => offset <= u.Offset && u.End <= end); // a disk puts another sector in its place
            _unsynced.Add((offset, bytes.ToArray()));
        }
    }

    public int Read(long offset, Span<byte> bytes)
    {
        using (storage.Gate.EnterScope())
        {
            int count = (int)Math.Clamp(_bytes.Length - offset, 0, bytes.Length);
            long end = offset + count;
            if (_unreadable.Exists(u => u.Offset < end && offset < u.End))
                throw new IOException("Input/output error", MemoryStorage.InputOutputError);
            _bytes.Read(offset, bytes[..count]);
            return count;
        }
    }

    public void Sync()
    {
        using (storage.Gate.EnterScope())
        {
            try
            {
                storage.CountOperation("sync");
            }
            catch (IOException)
            {
                // As Linux does: the pages count as written from now on. Whoever reads sees them, no later sync writes them,
                // and when the power goes they are gone.
                _unsynced.Clear();
                throw;
            }

            _durable.Grow(_bytes.Length);
            foreach ((long offset, byte[] written) in _unsynced)
                _durable.Write(offset, written);
            _unsynced.Clear();
        }
    }

    public void Dispose()
    {
        // The file outlives its handles.
    }

    /// <summary>From now on a read of any of these bytes fails.</summary>
    public void Wear(long offset, long bytes) => _unreadable.Add((offset, offset + bytes));

    public byte[] ToArray() => _bytes.ToArray();

    public void Replace(byte[] bytes) => Replace(SparseBytes.Of(bytes));

    private void Replace(SparseBytes bytes)
    {
        _bytes = bytes;
        _durable = bytes.Copy();
        _unsynced.Clear();
    }

    /// <summary>The same in another storage, with what of it is not on the disk.</summary>
    public MemoryFile CopyTo(MemoryStorage other)
    {
        MemoryFile copy = new(other, 0) { _bytes = _bytes.Copy(), _durable = _durable.Copy(), _unreadable = [.. _unreadable] };
        copy._unsynced.AddRange(_unsynced);
        return copy;
    }

    /// <summary>The file as it is found after the power was away.</summary>
    public MemoryFile Crash(MemoryStorage after, Random? random)
    {
        SparseBytes found = random is null ? _bytes.Copy() : _durable.Copy();
        if (random is not null)
            foreach ((long offset, byte[] written) in _unsynced.OrderBy(_ => random.Next()))
                Tear(found, offset, written, random);
        MemoryFile file = new(after, 0) { _unreadable = [.. _unreadable] };
        file.Replace(found);
        return file;
    }

    private static void Tear(SparseBytes found, long offset, byte[] written, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return; // lost
            case 1:
                found.Write(offset, written);
                return;
            default:
                for (int at = 0; at < written.Length; at += SectorBytes)
                    if (random.Next(2) == 0)
                        found.Write(offset + at, written.AsSpan(at, Math.Min(SectorBytes, written.Length - at)));
                return;
        }
    }
}
