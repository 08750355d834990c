namespace DeviceMqtt.Journal;

/// <summary>Bytes of a file of which most were never written: blocks come with the first write, and what has none is zero. A segment has its whole length from the beginning. Copies share their blocks until one of them writes there.</summary>
/// <param name="length">Bytes, all zero.</param>
internal sealed class SparseBytes(long length)
{
    private const int BlockBytes = 16 * 1024;
    private byte[]?[] _blocks = new byte[]?[BlocksFor(length)];
    private bool[] _isShared = new bool[BlocksFor(length)];

    /// <summary>Bytes, those that were never written among them.</summary>
    public long Length { get; private set; } = length;

    /// <summary>The same bytes, to be written apart from these.</summary>
    public SparseBytes Copy()
    {
        Array.Fill(_isShared, value: true);
        return new SparseBytes(0) { Length = Length, _blocks = [.. _blocks], _isShared = [.. _isShared] };
    }

    public static SparseBytes Of(byte[] bytes)
    {
        SparseBytes made = new(0);
        made.Write(0, bytes);
        return made;
    }

    public byte[] ToArray()
    {
        byte[] all = new byte[Length];
        Read(0, all);
        return all;
    }

    /// <summary>Makes it as long as that, with zeros; shorter it does not become.</summary>
    public void Grow(long length)
    {
        if (length <= Length)
            return;
        Length = length;
        Array.Resize(ref _blocks, BlocksFor(length));
        Array.Resize(ref _isShared, _blocks.Length);
    }

    /// <summary>It grows where the bytes end behind its end.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        Grow(offset + bytes.Length);
        while (!bytes.IsEmpty)
        {
            (int block, int at, int count) = Place(offset, bytes.Length);
            ReadOnlySpan<byte> piece = bytes[..count];
            if (_blocks[block] is not null || piece.ContainsAnyExcept((byte)0))
                piece.CopyTo(Own(block).AsSpan(at));
            offset += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>All of them must be there.</summary>
    public void Read(long offset, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            (int block, int at, int count) = Place(offset, bytes.Length);
            if (_blocks[block] is { } held)
                held.AsSpan(at, count).CopyTo(bytes);
            else
                bytes[..count].Clear();
            offset += count;
            bytes = bytes[count..];
        }
    }

    private byte[] Own(int block)
    {
        byte[] own = _blocks[block] switch
        {
            null => new byte[BlockBytes],
            { } shared when _isShared[block] => [.. shared],
            { } held => held,
        };
        (_blocks[block], _isShared[block]) = (own, false);
        return own;
    }

    private static (int Block, int At, int Count) Place(long offset, int bytes)
    {
        int at = (int)(offset % BlockBytes);
        return ((int)(offset / BlockBytes), at, Math.Min(bytes, BlockBytes - at));
    }

    private static int BlocksFor(long bytes) => (int)((bytes + BlockBytes - 1) / BlockBytes);
}
