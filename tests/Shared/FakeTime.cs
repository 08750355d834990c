namespace DeviceMqtt.TestSupport;

/// <summary>A clock that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, in the order they are due.</summary>
internal sealed class FakeTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];

    // Not 0: a clock that has been running is what the gateway meets.
    private long _nowMs = 1_000_000;

    private readonly TaskCompletionSource _timerCreated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when somebody has made a timer: moving the time before would go unnoticed.</summary>
    public Task TimerCreated => _timerCreated.Task;

    /// <summary>How wrong the clock on the wall is. The monotonic one never is.</summary>
    public TimeSpan WallOffset { get; set; }

    public override long TimestampFrequency => 1000;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Milliseconds that pass with each look at the clock: a slice of a turn is over after few steps. 0 unless a test says so.</summary>
    public long LookMs { get; set; }

    public override long GetTimestamp() => Interlocked.Add(ref _nowMs, LookMs);

    public override DateTimeOffset GetUtcNow() => Start.AddMilliseconds(GetTimestamp()) + WallOffset;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        FakeTimer timer = new(this, () => callback(state));
        _ = timer.Change(dueTime, period);
        _ = _timerCreated.TrySetResult();
        return timer;
    }

    /// <summary>Timers that are due some time: whoever waits for the clock has one.</summary>
    public int TimerCount
    {
        get
        {
            lock (_lock)
                return _timers.Count;
        }
    }

    public void Advance(TimeSpan by)
    {
        long until = Interlocked.Read(ref _nowMs) + (long)by.TotalMilliseconds;
        while (NextDue(until) is { } timer)
            timer.Fire();
        Interlocked.Exchange(ref _nowMs, until);
    }

    private FakeTimer? NextDue(long until)
    {
        lock (_lock)
        {
            FakeTimer? next = _timers.Where(t => t.DueMs <= until).MinBy(t => t.DueMs);
            if (next is null)
                return null;
            Interlocked.Exchange(ref _nowMs, Math.Max(_nowMs, next.DueMs));
            next.Step();
            return next;
        }
    }

    private sealed class FakeTimer(FakeTime time, Action callback) : ITimer
    {
        private long _periodMs = Timeout.Infinite;

        public long DueMs { get; private set; }

        public void Fire() => callback();

        /// <summary>Moves on to the next period, or out of the list.</summary>
        public void Step()
        {
            if (_periodMs > 0)
                DueMs += _periodMs;
            else
                time._timers.Remove(this);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
                _periodMs = (long)period.TotalMilliseconds;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                DueMs = time._nowMs + (long)dueTime.TotalMilliseconds;
                time._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._lock)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
