namespace DeviceMqtt.Journal;

/// <summary>A record as it lies on the disk.</summary>
/// <param name="position">Its number.</param>
/// <param name="life">How long it must survive.</param>
/// <param name="copyOf">For a Body that was copied forward, the position it is known by; 0 for all others.</param>
/// <param name="bytes">The owner's bytes.</param>
public readonly ref struct FoundRecord(long position, RecordLife life, long copyOf, ReadOnlySpan<byte> bytes)
{
    public long Position { get; } = position;

    public RecordLife Life { get; } = life;

    public long CopyOf { get; } = copyOf;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;
}
