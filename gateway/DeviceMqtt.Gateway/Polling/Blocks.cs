using System.Buffers;
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

    /// <summary>Bytes of one that is taken for a read or a flush, and given back behind it: what a busy client sends at once fits it.</summary>
    public const int BytesUsual = 4096;

    /// <summary>Bytes of the largest that is kept here. A larger one, for a packet that is larger, is of the runtime's own pool: each made anew would be a collection of everything.</summary>
    public const int BytesMax = 32 * 1024;

    // Chosen: messages for some hundred subscribers take a large block for each of them, until the end of the turn.
    private const long KeptBytesMax = 16 * 1024 * 1024;

    private static readonly Kept[] _kept = MakeKept();
    private static long _keptBytes;

    /// <summary>There is something for <see cref="Trim"/> to look at.</summary>
    public static bool HasAny => Volatile.Read(ref _keptBytes) > 0;

    /// <summary>A block of at least so many bytes.</summary>
    public static byte[] Take(int bytes)
    {
        if (bytes > BytesMax)
            return ArrayPool<byte>.Shared.Rent(bytes);
        int index = IndexOf(Math.Max(bytes, BytesMin));
        if (!_kept[index].TryTake(out byte[]? block))
            return GC.AllocateUninitializedArray<byte>(BytesMin << index);
        _ = Interlocked.Add(ref _keptBytes, -block.Length);
        return block;
    }

    /// <summary>Nobody has it any more.</summary>
    public static void Give(byte[] block)
    {
        if (block.Length > BytesMax)
        {
            ArrayPool<byte>.Shared.Return(block);
            return;
        }

        if (Volatile.Read(ref _keptBytes) + block.Length > KeptBytesMax)
            return;
        _ = Interlocked.Add(ref _keptBytes, block.Length);
        _kept[IndexOf(block.Length)].Give(block);
    }

    /// <summary>Leaves to the collector what nobody has asked for since the last call.</summary>
    public static void Trim()
    {
        foreach (Kept kept in _kept)
            _ = Interlocked.Add(ref _keptBytes, -kept.Trim());
    }

    // A loop: what LINQ makes it with would be compiled at each start.
    private static Kept[] MakeKept()
    {
        var kept = new Kept[IndexOf(BytesMax) + 1];
        for (int i = 0; i < kept.Length; i++)
            kept[i] = new Kept();
        return kept;
    }

    private static int IndexOf(int bytes) => BitOperations.Log2((uint)bytes - 1) + 1 - BitOperations.Log2(BytesMin);

    private sealed class Kept
    {
        private readonly Lock _lock = new();
        private readonly Stack<byte[]> _blocks = new();
        private int _unused; // the fewest that there were since the last look

        public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? block)
        {
            lock (_lock)
            {
                bool hasOne = _blocks.TryPop(out block);
                _unused = Math.Min(_unused, _blocks.Count);
                return hasOne;
            }
        }

        public void Give(byte[] block)
        {
            lock (_lock)
                _blocks.Push(block);
        }

        public long Trim()
        {
            lock (_lock)
            {
                long bytes = 0;
                for (; _unused > 0 && _blocks.TryPop(out byte[]? block); _unused--)
                    bytes += block.Length;
                _unused = _blocks.Count;
                if (bytes > 0)
                    _blocks.TrimExcess();
                return bytes;
            }
        }
    }
}
