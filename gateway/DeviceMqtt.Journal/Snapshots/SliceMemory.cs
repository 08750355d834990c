namespace DeviceMqtt.Journal;

/// <summary>
/// Memory for the slices of a snapshot, until it is written: 45 bytes for each message that waits, hundreds of megabytes for a long backlog. As objects the collector would copy all of it two times, with everything standing
/// still, and give it back when it likes. So it is not the collector's.
/// </summary>
internal sealed class SliceMemory
{
    // Chosen: some slices each. What is not used of it is not touched, and takes no memory.
    private const int BlockBytes = 256 * 1024;

    private readonly Stack<NativeBlock> _blocks = new();
    private int _used = BlockBytes; // of the last one

    /// <summary>A copy, until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> slice)
    {
        if (_blocks.Count == 0 || slice.Length > _blocks.Peek().Length - _used)
        {
            _blocks.Push(new NativeBlock(Math.Max(BlockBytes, slice.Length)));
            _used = 0;
        }

        Memory<byte> copy = _blocks.Peek().Memory.Slice(_used, slice.Length);
        slice.CopyTo(copy.Span);
        _used += slice.Length;
        return copy;
    }

    /// <summary>Gives all of it back; the last first, so that the C library can give it to the kernel.</summary>
    public void Clear()
    {
        while (_blocks.TryPop(out NativeBlock? block))
            ((IDisposable)block).Dispose();
    }
}
