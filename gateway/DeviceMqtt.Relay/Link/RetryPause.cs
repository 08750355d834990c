using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Relay.Link;

/// <summary>The pause behind a round of tries that failed. Whoever knows that the upstream is back ends it. One waits; the others may call from any thread.</summary>
internal sealed class RetryPause(TimeProvider time)
{
    private sealed record Waiting(DateTimeOffset Ends)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private Waiting? _waiting; // null while there is no pause

    /// <summary>When it ends by itself, by the clock of this machine; null while there is no pause.</summary>
    public DateTimeOffset? Ends => Volatile.Read(ref _waiting)?.Ends;

    /// <summary>Completes when the time is over, when it was ended, or when the gateway stops.</summary>
    public async Task WaitAsync(TimeSpan pause, CancellationToken stopping)
    {
        Waiting waiting = new(time.GetUtcNow() + pause);
        Volatile.Write(ref _waiting, waiting);
        await waiting.Ended.Task.WaitAsync(pause, time, stopping).ConfigureAwait(Awaiting.Quietly);
        _ = Interlocked.CompareExchange(ref _waiting, null, waiting);
    }

    /// <summary>Ends it.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryEnd()
    {
        if (Interlocked.Exchange(ref _waiting, null) is not { } waiting)
            return false;
        waiting.Ended.SetResult();
        return true;
    }
}
