using System.Numerics;

namespace DeviceMqtt.Journal;

/// <summary>
/// Runs of values of one length, by number. They lie in arrays that the collector neither moves nor looks into: what is made here by the million, and lives for long, would be copied by it two times, with everything
/// standing still, if each were an object. An array goes when none of its runs is in use; one that is empty is kept, for the next run.
/// </summary>
/// <typeparam name="T">A value without references.</typeparam>
/// <param name="length">Values of a run.</param>
internal sealed class ValueRuns<T>(int length)
    where T : unmanaged
{
    // One word says which runs of an array are in use.
    private const int ChunkBits = 6;
    private const int ChunkRuns = 1 << ChunkBits;
    private const int ChunkMask = ChunkRuns - 1;

    private struct Chunk
    {
        public T[]? Values;
        public ulong Used;
        public bool IsOpen; // it is among those that may have room
    }

    private Chunk[] _chunks = new Chunk[4];
    private int _chunksUsed;
    private int? _empty;

    // Those that may have room, and numbers without an array. One that is full, or has gone, is taken off when it is met.
    private readonly Stack<int> _open = new();
    private readonly Stack<int> _free = new();

    /// <summary>Arrays that there are.</summary>
    public int Chunks => _chunks.Count(static chunk => chunk.Values is not null);

    /// <summary>The values of a run, until it is given back.</summary>
    public Span<T> this[int run] => _chunks[run >> ChunkBits].Values.AsSpan((run & ChunkMask) * length, length);

    /// <summary>The first value of a run, until it is given back.</summary>
    public ref T First(int run) => ref _chunks[run >> ChunkBits].Values![(run & ChunkMask) * length];

    /// <summary>One that nobody has. Its values are whatever was there.</summary>
    public int Take()
    {
        int number = ChunkWithRoom();
        ref Chunk chunk = ref _chunks[number];
        if (_empty == number)
            _empty = null;
        int slot = BitOperations.TrailingZeroCount(~chunk.Used);
        chunk.Used |= 1UL << slot;
        return (number << ChunkBits) | slot;
    }

    public void Give(int run)
    {
        int number = run >> ChunkBits;
        ref Chunk chunk = ref _chunks[number];
        chunk.Used &= ~(1UL << (run & ChunkMask));
        if (!chunk.IsOpen)
        {
            chunk.IsOpen = true;
            _open.Push(number);
        }

        if (chunk.Used != 0)
            return;
        if (_empty is null)
            _empty = number;
        else
            chunk.Values = null;
    }

    private int ChunkWithRoom()
    {
        while (_open.TryPeek(out int number))
        {
            ref Chunk chunk = ref _chunks[number];
            if (chunk.Values is not null && chunk.Used != ulong.MaxValue)
                return number;
            _ = _open.Pop();
            chunk.IsOpen = false;
            if (chunk.Values is null)
                _free.Push(number);
        }

        if (!_free.TryPop(out int fresh))
            fresh = _chunksUsed++;
        if (fresh == _chunks.Length)
            Array.Resize(ref _chunks, fresh * 2);
        _chunks[fresh] = new Chunk { Values = GC.AllocateUninitializedArray<T>(ChunkRuns * length, pinned: true), IsOpen = true };
        _open.Push(fresh);
        return fresh;
    }
}
