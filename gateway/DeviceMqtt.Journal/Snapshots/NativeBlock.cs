using System.Buffers;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>Bytes outside the collector's heap, until they are given back: there is no finalizer, which might do so while somebody reads them.</summary>
internal sealed unsafe class NativeBlock(int length) : MemoryManager<byte>
{
    private byte* _bytes = (byte*)NativeMemory.Alloc((nuint)length);

    public int Length => length;

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new Span<byte>(_bytes, length);
    }

    /// <summary>It does not move.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new MemoryHandle(_bytes + elementIndex);
    }

    public override void Unpin()
    {
        // It does not move anyway.
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
    }
}
