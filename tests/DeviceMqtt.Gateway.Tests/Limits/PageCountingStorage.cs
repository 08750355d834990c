using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>A folder in memory that counts what is written as Linux does: whole pages, zeros too.</summary>
internal sealed class PageCountingStorage : IJournalStorage
{
    private const int PageBytes = 4096;
    private readonly MemoryStorage _files = new();
    private long _bytes;

    public long BytesWritten => Interlocked.Read(ref _bytes);

    public string Name => _files.Name;

    public IDisposable Lock() => _files.Lock();

    public IReadOnlyList<string> List() => _files.List();

    public IJournalFile Open(string name) => new CountingFile(this, _files.Open(name));

    public IJournalFile Create(string name, long bytes)
    {
        Count(0, bytes);
        return new CountingFile(this, _files.Create(name, bytes));
    }

    public void Rename(string name, string newName) => _files.Rename(name, newName);

    public void Delete(string name) => _files.Delete(name);

    public bool IsInPlace(string name, IJournalFile file) => _files.IsInPlace(name, ((CountingFile)file).Inner);

    public void SyncNames() => _files.SyncNames();

    public long FreeBytes() => _files.FreeBytes();

    private void Count(long offset, long bytes)
    {
        if (bytes > 0)
            _ = Interlocked.Add(ref _bytes, (((offset + bytes - 1) / PageBytes) - (offset / PageBytes) + 1) * PageBytes);
    }

    private sealed class CountingFile(PageCountingStorage storage, IJournalFile inner) : IJournalFile
    {
        public IJournalFile Inner => inner;

        public long Length => inner.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            storage.Count(offset, bytes.Length);
            inner.Write(offset, bytes);
        }

        public int Read(long offset, Span<byte> bytes) => inner.Read(offset, bytes);

        public void Sync() => inner.Sync();

        public void Dispose() => inner.Dispose();
    }
}
