using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// A disk on which each record has a frame of its own, unless something holds it together with others. It keeps what a kill behind each frame
/// would leave, so that a test can start a gateway on all of that.
/// </summary>
internal sealed class SeparateRecords(MemoryStorage memory) : IPacedStorage
{
    private readonly List<ITimer> _timers = [];
    private readonly Lock _order = new();
    private readonly List<MemoryStorage> _left = [];

    /// <summary>What is behind it.</summary>
    public MemoryStorage Memory => memory;

    public string Name => memory.Name;

    public bool EndsFrame => true;

    /// <summary>What each kill leaves until now, the earliest first.</summary>
    public IReadOnlyList<MemoryStorage> Left
    {
        get
        {
            // Between two steps of the journal. What is left now is looked at outside the lock of the list: the memory has its own, and takes that one in it.
            using (_order.EnterScope())
            {
                MemoryStorage now = memory.Crash();
                lock (_left)
                    return [.. _left, now];
            }
        }
    }

    /// <summary>From now on what is left behind each frame is kept.</summary>
    public void Begin() => memory.Fault = (_, what) =>
    {
        // Before a sync the frame is written, and no later one is.
        if (what == "sync")
            lock (_left)
                _left.Add(memory.Crash());
        return null;
    };

    public void Later(Action work, TimeSpan delay)
    {
        lock (_timers)
            _timers.Add(TimeProvider.System.CreateTimer(_ => Run(work), null, delay, Timeout.InfiniteTimeSpan));
    }

    private void Run(Action work)
    {
        using (_order.EnterScope())
            work();
    }

    public IDisposable Lock() => memory.Lock();

    public IReadOnlyList<string> List() => memory.List();

    public IJournalFile Open(string name) => memory.Open(name);

    public IJournalFile Create(string name, long bytes) => memory.Create(name, bytes);

    public void Rename(string name, string newName) => memory.Rename(name, newName);

    public void Delete(string name) => memory.Delete(name);

    public bool IsInPlace(string name, IJournalFile file) => memory.IsInPlace(name, file);

    public void SyncNames() => memory.SyncNames();

    public long FreeBytes() => memory.FreeBytes();
}
