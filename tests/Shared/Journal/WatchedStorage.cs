using DeviceMqtt.Journal;

namespace DeviceMqtt.TestSupport;

/// <summary>A disk that a test looks at, and stops where it likes.</summary>
internal class WatchedStorage(MemoryStorage memory) : IJournalStorage
{
    private long _writtenBytes;

    public MemoryStorage Memory { get; } = memory;

    /// <summary>
    /// Called before a file is created, written, synced or deleted, and before the names are synced: with "create", "write", "sync", "delete" or "names", and with the name that the file had when it
    /// was opened. What it returns is thrown.
    /// </summary>
    public Func<string, string, IOException?>? Before { get; set; }

    /// <summary>Called when the journal has let the folder go.</summary>
    public Action? Unlocked { get; set; }

    /// <summary>What is written counts as whole pages of so many bytes: 4096 is how Linux counts.</summary>
    public int PageBytes { get; init; } = 1;

    /// <summary>Bytes written, zeros of new files among them.</summary>
    public long WrittenBytes => Interlocked.Read(ref _writtenBytes);

    public string Name => Memory.Name;

    public IDisposable Lock() => new Held(Memory.Lock(), this);

    public IReadOnlyList<string> List() => Memory.List();

    public IJournalFile Open(string name) => new WatchedFile(this, name, Memory.Open(name));

    public IJournalFile Create(string name, long bytes)
    {
        Look("create", name);
        IJournalFile file = Memory.Create(name, bytes);
        CountWritten(0, bytes);
        return new WatchedFile(this, name, file);
    }

    public void Rename(string name, string newName) => Memory.Rename(name, newName);

    public void Delete(string name)
    {
        Look("delete", name);
        Memory.Delete(name);
    }

    public bool IsInPlace(string name, IJournalFile file) => Memory.IsInPlace(name, ((WatchedFile)file).Inner);

    public void SyncNames()
    {
        Look("names", "");
        Memory.SyncNames();
    }

    public long FreeBytes() => Memory.FreeBytes();

    private void Look(string what, string name)
    {
        if (Before?.Invoke(what, name) is { } fault)
            throw fault;
    }

    private void CountWritten(long offset, long bytes)
    {
        if (bytes > 0)
            _ = Interlocked.Add(ref _writtenBytes, (((offset + bytes - 1) / PageBytes) - (offset / PageBytes) + 1) * PageBytes);
    }

    private sealed class Held(IDisposable inner, WatchedStorage storage) : IDisposable
    {
        public void Dispose()
        {
            inner.Dispose();
            storage.Unlocked?.Invoke();
        }
    }

    private sealed class WatchedFile(WatchedStorage storage, string name, IJournalFile inner) : IJournalFile
    {
        public IJournalFile Inner => inner;

        public long Length => inner.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            storage.Look("write", name);
            inner.Write(offset, bytes);
            storage.CountWritten(offset, bytes.Length);
        }

        public int Read(long offset, Span<byte> bytes) => inner.Read(offset, bytes);

        public void Sync()
        {
            storage.Look("sync", name);
            inner.Sync();
        }

        public void Dispose() => inner.Dispose();
    }
}
