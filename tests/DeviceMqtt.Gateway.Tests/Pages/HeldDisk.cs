using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>A disk in memory whose syncs wait, or fail, while a test says so.</summary>
internal sealed class HeldDisk : IJournalStorage, IDisposable
{
    private readonly ManualResetEventSlim _mayGoOn = new(initialState: true);
    private TaskCompletionSource? _met;

    public HeldDisk(MemoryStorage files) => Files = files;

    public MemoryStorage Files { get; }

    /// <summary>What a sync throws; null for nothing.</summary>
    public IOException? Fault { get; set; }

    public string Name => Files.Name;

    /// <summary>Syncs wait from now on.</summary>
    /// <returns>Completes when one does.</returns>
    public Task Hold()
    {
        _met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _mayGoOn.Reset();
        return _met.Task;
    }

    public void LetGo() => _mayGoOn.Set();

    public IDisposable Lock() => Files.Lock();

    public IReadOnlyList<string> List() => Files.List();

    public IJournalFile Open(string name) => new HeldFile(this, Files.Open(name));

    public IJournalFile Create(string name, long bytes) => new HeldFile(this, Files.Create(name, bytes));

    public void Rename(string name, string newName) => Files.Rename(name, newName);

    public void Delete(string name) => Files.Delete(name);

    public bool IsInPlace(string name, IJournalFile file) => Files.IsInPlace(name, ((HeldFile)file).Inner);

    public void SyncNames() => Files.SyncNames();

    public long FreeBytes() => Files.FreeBytes();

    public void Dispose() => _mayGoOn.Dispose();

    private sealed class HeldFile(HeldDisk disk, IJournalFile inner) : IJournalFile
    {
        public IJournalFile Inner => inner;

        public long Length => inner.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes) => inner.Write(offset, bytes);

        public int Read(long offset, Span<byte> bytes) => inner.Read(offset, bytes);

        public void Sync()
        {
            if (!disk._mayGoOn.IsSet)
                _ = disk._met!.TrySetResult();
            disk._mayGoOn.Wait();
            if (disk.Fault is { } fault)
                throw fault;
            inner.Sync();
        }

        public void Dispose() => inner.Dispose();
    }
}
