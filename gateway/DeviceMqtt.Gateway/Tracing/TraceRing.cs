namespace DeviceMqtt.Gateway.Tracing;

/// <summary>
/// The last events, bounded in bytes: the newest takes the place of the oldest. Memory is taken as it is needed, 64 KB at a time, and then kept.
/// A long Topic Name counts beside the event that has it, as if nobody else held it. Owned by the turn.
/// </summary>
internal sealed class TraceRing
{
    /// <summary>Bytes of one event.</summary>
    public const int EventBytes = 64;

    private const int ChunkBits = 10;
    private const int ChunkEvents = 1 << ChunkBits;
    private readonly TraceEvent[]?[] _chunks;
    private readonly long _capacity;

    /// <param name="bytesMax">All that it may take.</param>
    public TraceRing(int bytesMax)
    {
        BytesMax = bytesMax;
        _chunks = new TraceEvent[Math.Max(1, bytesMax / (ChunkEvents * EventBytes))][];
        _capacity = (long)_chunks.Length * ChunkEvents;
    }

    public int BytesMax { get; }

    /// <summary>What is charged for the events that are there.</summary>
    public long Bytes { get; private set; }

    /// <summary>The number of the oldest event.</summary>
    public long First { get; private set; }

    /// <summary>The number that the next event will have.</summary>
    public long Next { get; private set; }

    public void Add(in TraceEvent happened)
    {
        if (Next - First == _capacity)
            Forget();
        ref TraceEvent place = ref Place(Next++);
        place = happened;
        Bytes += happened.Charge;
        while (Bytes > BytesMax)
            Forget();
    }

    /// <summary>An event that is there.</summary>
    public ref TraceEvent At(long number) => ref Place(number);

    private ref TraceEvent Place(long number)
    {
        long at = number % _capacity;
        TraceEvent[] chunk = _chunks[at >> ChunkBits] ??= new TraceEvent[ChunkEvents];
        return ref chunk[at & (ChunkEvents - 1)];
    }

    // What it pointed to goes with the event that takes its place, or with the next round.
    private void Forget()
    {
        ref TraceEvent oldest = ref Place(First++);
        Bytes -= oldest.Charge;
        oldest.Topic = null;
        oldest.Name = null;
        oldest.Detail = null;
    }
}
