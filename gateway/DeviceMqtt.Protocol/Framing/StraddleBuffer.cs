using System.Buffers;

namespace DeviceMqtt.Protocol;

/// <summary>
/// Where a packet that crosses segments of a receive buffer is put together. One serves any number of readers of one thread: a frame in it
/// is valid until the next one is made. Not thread-safe.
/// </summary>
/// <remarks>Memory above <see cref="KeptBytesMax"/> goes back to the shared pool when the packet was used.</remarks>
public sealed class StraddleBuffer
{
    /// <summary>Chosen because telemetry and commands are far smaller, and one buffer of this size costs little for a whole broker.</summary>
    public const int KeptBytesMax = 64 * 1024;

    private byte[] _bytes = [];
    private bool _rented;

    /// <summary>The memory held at the moment, in bytes.</summary>
    public int HeldBytes => _bytes.Length;

    /// <summary>Gives room for exactly <paramref name="length"/> bytes, which must have arrived already.</summary>
    internal Span<byte> GetSpan(int length)
    {
        if (_bytes.Length < length)
            Grow(length);
        return _bytes.AsSpan(0, length);
    }

    /// <summary>Gives a large buffer back. What was made in it is no longer valid.</summary>
    internal void Trim()
    {
        if (_rented)
            GiveBack();
    }

    private void Grow(int length)
    {
        Trim();
        if (length > KeptBytesMax)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(length);
            _rented = true;
        }
        else
        {
            _bytes = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, 512)));
        }
    }

    private void GiveBack()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _rented = false;
    }
}
