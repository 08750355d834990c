namespace DeviceMqtt.Journal;

/// <summary>A frame while it is gathered: room for its header, then the records.</summary>
/// <param name="bytesMax">What most frames have at most: no more memory is taken ahead.</param>
internal sealed class FrameBuffer(int bytesMax = int.MaxValue) : IBodyPlace
{
    private byte[] _bytes = new byte[4096];

    /// <summary>The position of the first record.</summary>
    public long FirstPosition { get; private set; }

    public int Count { get; private set; }

    /// <summary>Bytes of the frame, header included.</summary>
    public int Length { get; private set; } = FrameHeader.Bytes;

    /// <summary>Bytes of Event records, which a snapshot makes superfluous.</summary>
    public int EventBytes { get; private set; }

    /// <summary>Positions of the Bodies in this frame, copies too; some may be released.</summary>
    public List<long> Bodies { get; } = [];

    /// <inheritdoc/>
    public int PlaceNumber { get; set; }

    public bool IsEmpty => Count == 0;

    // Twice as much up to what a frame usually has, and half as much again beyond: never by one record alone, for each time all of it is copied.
    private int Grown => _bytes.Length < bytesMax ? Math.Min(bytesMax, _bytes.Length * 2) : _bytes.Length + (_bytes.Length / 2);

    public long LastPosition => FirstPosition + Count - 1;

    public Span<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>Adds a record.</summary>
    /// <returns>Where its own bytes begin.</returns>
    public int Add(long position, byte life, ReadOnlySpan<byte> record, long copyOf) => Add(position, life, record, copyOf, out _);

    /// <summary>Adds a record.</summary>
    /// <param name="position">Its number.</param>
    /// <param name="life">What it is.</param>
    /// <param name="record">Its own bytes.</param>
    /// <param name="copyOf">Of a copy: which record it is.</param>
    /// <param name="crc">Of a Body: of its own bytes.</param>
    /// <returns>Where its own bytes begin.</returns>
    public int Add(long position, byte life, ReadOnlySpan<byte> record, long copyOf, out uint crc)
    {
        int header = RecordHeader.BytesFor(life);
        int needed = Length + header + record.Length;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, Grown));
        if (IsEmpty)
            FirstPosition = position;
        crc = RecordHeader.Write(_bytes.AsSpan(Length), life, record, copyOf);
        record.CopyTo(_bytes.AsSpan(Length + header));
        int offset = Length + header;
        Length = needed;
        Count++;
        if (life == (byte)RecordLife.Event)
            EventBytes += header + record.Length;
        return offset;
    }

    /// <summary>Ready for another frame, with the memory it has.</summary>
    public void Clear()
    {
        Length = FrameHeader.Bytes;
        Count = 0;
        EventBytes = 0;
        Bodies.Clear();
    }
}
