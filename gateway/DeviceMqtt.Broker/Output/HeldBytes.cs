using System.Buffers;

namespace DeviceMqtt.Broker.Output;

/// <summary>
/// Output that waits for the journal, in its order: pieces, each for one position, which never gets smaller. What is
/// written behind a piece waits with it, so that a client sees everything in the order the gateway decided it.
/// </summary>
internal sealed class HeldBytes
{
    private const int PieceBytesMin = 512;

    // A piece that grew for large packets is not kept for the next acknowledgements.
    private const int SpareBytesMax = 4096;
    private readonly Queue<Piece> _pieces = new();
    private Piece? _last;
    private Piece? _spare;

    private sealed class Piece
    {
        public readonly ArrayBufferWriter<byte> Bytes = new(PieceBytesMin);
        public long Position;
        public long Turn;
    }

    public bool IsEmpty => _pieces.Count == 0;

    public int Length { get; private set; }

    /// <summary>What is written from here on waits for a position.</summary>
    /// <param name="position">Of the journal.</param>
    /// <param name="turn">What one turn writes is one piece: it gets to the disk together. Pieces of different turns stay
    /// apart, or a client that never pauses would wait for its own next message for ever.</param>
    public void Begin(long position, long turn)
    {
        if (_last is { } last && (last.Position >= position || last.Turn == turn))
        {
            last.Position = Math.Max(last.Position, position);
            return;
        }

        _last = _spare ?? new Piece();
        _spare = null;
        _last.Position = position;
        _last.Turn = turn;
        _pieces.Enqueue(_last);
    }

    public Span<byte> GetSpan(int size) => _last!.Bytes.GetSpan(Math.Max(size, PieceBytesMin));

    public Memory<byte> GetMemory(int size) => _last!.Bytes.GetMemory(Math.Max(size, PieceBytesMin));

    public void Advance(int bytes)
    {
        _last!.Bytes.Advance(bytes);
        Length += bytes;
    }

    /// <summary>The oldest piece whose position is durable; its bytes are there until the next call.</summary>
    public bool TryTake(long durable, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!_pieces.TryPeek(out Piece? oldest) || oldest.Position > durable)
            return false;
        _ = _pieces.Dequeue();
        if (oldest == _last)
            _last = null;
        Length -= oldest.Bytes.WrittenCount;
        bytes = oldest.Bytes.WrittenSpan;
        if (oldest.Bytes.Capacity <= SpareBytesMax)
        {
            oldest.Bytes.ResetWrittenCount();
            _spare = oldest;
        }

        return true;
    }

    /// <summary>The connection ends: what is not durable was never promised.</summary>
    public void Clear()
    {
        _pieces.Clear();
        _last = null;
        Length = 0;
    }
}
