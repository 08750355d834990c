using DeviceMqtt.Journal;

namespace DeviceMqtt.Simulation.World;

/// <summary>The gateway's disk. The journal works on it when the world says so, some milliseconds after it asked.</summary>
internal class SimDisk(SimWorld world, MemoryStorage memory) : IPacedStorage
{
    /// <summary>Nobody takes the folder away here.</summary>
    public bool IsInPlace(string name, IJournalFile file) => true;

    public MemoryStorage Memory { get; } = memory;

    /// <summary>What a commit takes at most.</summary>
    public int SlowMs { get; set; } = 8;

    public string Name => Memory.Name;

    /// <summary>So that the power can go between any two records that nothing holds together.</summary>
    public bool EndsFrame => world.Chance(30);

    public virtual void Later(Action work, TimeSpan delay) => world.At((long)delay.TotalMilliseconds + world.Random.Next(SlowMs), work);

    public IDisposable Lock() => Memory.Lock();

    public IReadOnlyList<string> List() => Memory.List();

    public virtual IJournalFile Open(string name) => Memory.Open(name);

    public virtual IJournalFile Create(string name, long bytes) => Memory.Create(name, bytes);

    public void Rename(string name, string newName) => Memory.Rename(name, newName);

    public void Delete(string name) => Memory.Delete(name);

    public virtual void SyncNames() => Memory.SyncNames();

    public long FreeBytes() => Memory.FreeBytes();
}
