namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// Something that happens in a turn, and that others wait for outside it. They go on elsewhere: what they do must not run
/// inside the turn that made it so. Owned by the turn; costs nothing while nobody waits.
/// </summary>
internal struct TurnSignal
{
    private TaskCompletionSource? _next;

    public readonly bool IsAwaited => _next is not null;

    /// <summary>Completes with the next <see cref="Set"/>.</summary>
    public Task Next() => (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>It has happened: all who wait go on.</summary>
    public void Set()
    {
        _next?.SetResult();
        _next = null;
    }
}
