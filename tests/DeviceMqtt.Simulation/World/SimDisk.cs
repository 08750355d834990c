using DeviceMqtt.Journal;

namespace DeviceMqtt.Simulation.World;

/// <summary>The gateway's disk. The journal works on it when the world says so, some milliseconds after it asked.</summary>
internal class SimDisk(SimWorld world, MemoryStorage memory) : IPacedStorage
{
    /// <summary>Whether somebody has taken the folder away.</summary>
    public Func<bool> IsFolderGone { get; set; } = static () => false;

    public virtual bool IsInPlace(string name, IJournalFile file) => !IsFolderGone();

    public MemoryStorage Memory { get; } = memory;

    /// <summary>What a commit takes at most.</summary>
    public int SlowMs { get; set; } = 8;

    /// <summary>What each sync takes while the journal works; everybody else goes on meanwhile, and appends. 0: nothing happens during a sync.</summary>
    public int SyncMs { get; init; }

    public string Name => Memory.Name;

    /// <summary>So that the power can go between any two records that nothing holds together.</summary>
    public bool EndsFrame => world.Chance(30);

    public virtual void Later(Action work, TimeSpan delay) => world.At((long)delay.TotalMilliseconds + world.Random.Next(SlowMs), () => Work(work));

    public IDisposable Lock() => Memory.Lock();

    public IReadOnlyList<string> List() => Memory.List();

    public virtual IJournalFile Open(string name) => Slow(Memory.Open(name));

    public virtual IJournalFile Create(string name, long bytes) => Slow(Memory.Create(name, bytes));

    public void Rename(string name, string newName) => Memory.Rename(name, newName);

    public void Delete(string name) => Memory.Delete(name);

    public virtual void SyncNames() => Memory.SyncNames();

    public long FreeBytes() => Memory.FreeBytes();

    private bool _isWorking;

    // The journal has one thread: what it is asked for in the middle of a sync comes behind it.
    private void Work(Action work)
    {
        if (_isWorking)
        {
            world.At(1, () => Work(work));
            return;
        }

        _isWorking = true;
        try
        {
            work();
        }
        finally
        {
            _isWorking = false;
        }
    }

    private IJournalFile Slow(IJournalFile file) => SyncMs == 0 ? file : new SlowFile(this, file);

    private void DuringSync()
    {
        if (_isWorking)
            world.Meanwhile(SyncMs);
    }

    private sealed class SlowFile(SimDisk disk, IJournalFile file) : IJournalFile
    {
        public long Length => file.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes) => file.Write(offset, bytes);

        public int Read(long offset, Span<byte> bytes) => file.Read(offset, bytes);

        public void Sync()
        {
            disk.DuringSync();
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }
}
