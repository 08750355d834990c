using System.Numerics;

namespace DeviceMqtt.Gateway.Polling;

/// <summary>
/// Memory for what is on its way through sockets, in sizes of powers of two. The block that was given back last is taken first: it is still in the processor's cache.
/// Safe from any thread.
/// </summary>
internal static class Blocks
{
    /// <summary>Bytes of the smallest.</summary>
    public const int BytesMin = 512;

    /// <summary>Bytes of the largest that is kept for the next who asks. A larger one is possible, for a packet that is larger.</summary>
    public const int BytesMax = 32 * 1024;

    /// <summary>Bytes of one that is taken for a read or a flush, and given back behind it: what a busy client sends at once fits it.</summary>
    public const int BytesUsual = 4096;

    // Chosen: a message for a thousand subscribers takes a usual block for each of them, until the end of the turn.
    private const long KeptBytesMax = 4 * 1024 * 1024;

    private static readonly Stack<byte[]>[] _kept = [.. Enumerable.Range(0, IndexOf(BytesMax) + 1).Select(static _ => new Stack<byte[]>())];

    private static long _keptBytes;

    /// <summary>A block of at least so many bytes.</summary>
    public static byte[] Take(int bytes)
    {
        if (bytes > BytesMax)
            return GC.AllocateUninitializedArray<byte>(bytes);
        int index = IndexOf(Math.Max(bytes, BytesMin));
        Stack<byte[]> kept = _kept[index];
        lock (kept)
        {
            if (kept.TryPop(out byte[]? block))
            {
                _ = Interlocked.Add(ref _keptBytes, -block.Length);
                return block;
            }
        }

        return GC.AllocateUninitializedArray<byte>(BytesMin << index);
    }

    /// <summary>Nobody has it any more.</summary>
    public static void Give(byte[] block)
    {
        if (block.Length > BytesMax || Volatile.Read(ref _keptBytes) + block.Length > KeptBytesMax)
            return;
        _ = Interlocked.Add(ref _keptBytes, block.Length);
        Stack<byte[]> kept = _kept[IndexOf(block.Length)];
        lock (kept)
            kept.Push(block);
    }

    private static int IndexOf(int bytes) => BitOperations.Log2((uint)bytes - 1) + 1 - BitOperations.Log2(BytesMin);
}
