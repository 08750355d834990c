using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A disk on which no sync returns until it is let go on.</summary>
internal sealed class DiskStop : IDisposable
{
    private readonly MemoryStorage _disk;
    private readonly TaskCompletionSource _standing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _goOn = new();

    public DiskStop(MemoryStorage disk)
    {
        _disk = disk;
        disk.Fault = (number, what) =>
        {
            if (what != "sync")
                return null;
            _ = _standing.TrySetResult();
            _ = _goOn.Wait(Patience.Limit);
            return null;
        };
    }

    public Task WaitUntilStandingAsync() => Patience.Within(_standing.Task, "a sync");

    public void GoOn()
    {
        _disk.Fault = null;
        _goOn.Set();
    }

    public void Dispose()
    {
        GoOn();
        _goOn.Dispose();
    }
}
