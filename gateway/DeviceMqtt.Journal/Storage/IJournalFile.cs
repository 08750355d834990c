namespace DeviceMqtt.Journal;

/// <summary>An open file of a journal.</summary>
public interface IJournalFile : IDisposable
{
    long Length { get; }

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <returns>How many bytes were read: fewer than asked for only at the end of the file.</returns>
    int Read(long offset, Span<byte> bytes);

    /// <summary>Returns when what was written is on the disk. After an error nothing may be assumed of any of it.</summary>
    void Sync();
}
