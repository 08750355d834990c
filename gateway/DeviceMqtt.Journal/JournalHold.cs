namespace DeviceMqtt.Journal;

/// <summary>
/// Keeps the files of a journal as they are, while it goes on, so that somebody can copy them. What is copied opens as a journal that
/// ends at <see cref="UpTo"/> or a little behind it. While it is held no file goes, so that the journal may become full: hold it for as long as the copy takes.
/// </summary>
public sealed class JournalHold : IDisposable
{
    private readonly Action _release;
    private int _isReleased;

    internal JournalHold(long upTo, IReadOnlyList<HeldFile> files, Action release)
    {
        UpTo = upTo;
        Files = files;
        _release = release;
    }

    /// <summary>Everything that was durable when it was taken is in the files: all records up to here.</summary>
    public long UpTo { get; }

    /// <summary>What to copy.</summary>
    public IReadOnlyList<HeldFile> Files { get; }

    /// <summary>Files may go again.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            _release();
    }
}
