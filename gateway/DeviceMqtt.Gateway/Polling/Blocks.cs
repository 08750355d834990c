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

    // Chosen: as much of each size as a few hundred busy connections use, and no more than an idle gateway on a small machine can do without.
    private const int KeptBytesMax = 256 * 1024;

    private static readonly Stack<byte[]>[] _kept = [.. Enumerable.Range(0, IndexOf(BytesMax) + 1).Select(static _ => new Stack<byte[]>())];

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
                return block;
        }

        return GC.AllocateUninitializedArray<byte>(BytesMin << index);
    }

    /// <summary>Nobody has it any more.</summary>
    public static void Give(byte[] block)
    {
        if (block.Length > BytesMax)
            return;
        Stack<byte[]> kept = _kept[IndexOf(block.Length)];
        lock (kept)
        {
            if ((kept.Count + 1) * block.Length <= KeptBytesMax)
                kept.Push(block);
        }
    }

    private static int IndexOf(int bytes) => BitOperations.Log2((uint)bytes - 1) + 1 - BitOperations.Log2(BytesMin);
}
