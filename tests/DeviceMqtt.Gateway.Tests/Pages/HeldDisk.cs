using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>A disk in memory whose syncs wait, or fail, while a test says so.</summary>
internal sealed class HeldDisk : WatchedStorage, IDisposable
{
    private readonly ManualResetEventSlim _mayGoOn = new(initialState: true);
    private TaskCompletionSource? _met;

    public HeldDisk(MemoryStorage files)
        : base(files) => Before = (what, _) => what == "sync" ? WaitAndFail() : null;

    /// <summary>What a sync throws; null for nothing.</summary>
    public IOException? Fault { get; set; }

    /// <summary>Syncs wait from now on.</summary>
    /// <returns>Completes when one does.</returns>
    public Task Hold()
    {
        _met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _mayGoOn.Reset();
        return _met.Task;
    }

    public void LetGo() => _mayGoOn.Set();

    public void Dispose() => _mayGoOn.Dispose();

    private IOException? WaitAndFail()
    {
        if (!_mayGoOn.IsSet)
            _ = _met!.TrySetResult();
        _mayGoOn.Wait();
        return Fault;
    }
}
