using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A disk whose syncs take as long as a worn card's, by the clock of the test: each stands until the test ends it.</summary>
internal sealed class SlowDisk : IDisposable
{
    private static readonly TimeSpan Sync = TimeSpan.FromMilliseconds(300);
    private readonly MemoryStorage _disk;
    private readonly FakeTime _time;
    private readonly SemaphoreSlim _ends = new(0);
    private int _begun;
    private int _ended;

    public SlowDisk(MemoryStorage disk, FakeTime time)
    {
        (_disk, _time) = (disk, time);
        disk.Fault = (_, what) =>
        {
            // Segments are prepared in advance by other threads: nobody waits for those syncs.
            if (what != "sync" || Thread.CurrentThread.Name != "journal")
                return null;
            _ = Interlocked.Increment(ref _begun);
            _ends.Wait(Patience.Limit);
            return null;
        };
    }

    /// <summary>A sync stands.</summary>
    public bool IsStanding => Volatile.Read(ref _begun) > _ended;

    /// <summary>Waits for the next sync, and ends it after its time.</summary>
    public async Task EndOne()
    {
        await Patience.Until(() => IsStanding, "a sync");
        _ended++;
        _time.Advance(Sync);
        _ends.Release();
    }

    public void Dispose()
    {
        _disk.Fault = null;
        _ends.Release(1_000);
    }
}
