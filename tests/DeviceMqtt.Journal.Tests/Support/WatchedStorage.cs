namespace DeviceMqtt.Journal.Tests;

/// <summary>A disk that a test looks at, and stops where it likes.</summary>
internal class WatchedStorage(MemoryStorage memory) : IJournalStorage
{
    private long _writtenBytes;

    public MemoryStorage Memory { get; } = memory;

    /// <summary>Called before a file is made, written or synced; with what, and with the name that it had when it was opened. What it returns is thrown.</summary>
    public Func<string, string, IOException?>? Before { get; set; }

    /// <summary>Called when the journal has let the folder go.</summary>
    public Action? Unlocked { get; set; }

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
        _ = Interlocked.Add(ref _writtenBytes, bytes);
        return new WatchedFile(this, name, file);
    }

    public void Rename(string name, string newName) => Memory.Rename(name, newName);

    public void Delete(string name) => Memory.Delete(name);

    public bool IsInPlace(string name, IJournalFile file) => Memory.IsInPlace(name, ((WatchedFile)file).Inner);

    public void SyncNames() => Memory.SyncNames();

    public long FreeBytes() => Memory.FreeBytes();

    private void Look(string what, string name)
    {
        if (Before?.Invoke(what, name) is { } fault)
            throw fault;
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
            _ = Interlocked.Add(ref storage._writtenBytes, bytes.Length);
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
