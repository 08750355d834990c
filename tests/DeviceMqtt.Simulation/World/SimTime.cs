namespace DeviceMqtt.Simulation.World;

/// <summary>The clocks of the simulated machine: one that only runs, and one on the wall that can be put wrong.</summary>
internal sealed class SimTime(SimWorld world) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>How wrong the wall clock is.</summary>
    public TimeSpan WallOffset { get; set; }

    public override long TimestampFrequency => 1000;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => world.NowMs;

    public override DateTimeOffset GetUtcNow() => Start.AddMilliseconds(world.NowMs) + WallOffset;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        SimTimer timer = new(world, () => callback(state));
        _ = timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(SimWorld world, Action callback) : ITimer
    {
        private int _version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int version = ++_version;
            if (dueTime != Timeout.InfiniteTimeSpan)
                Arm((long)dueTime.TotalMilliseconds, period, version);
            return true;
        }

        private void Arm(long delayMs, TimeSpan period, int version) => world.At(delayMs, () =>
        {
            if (version != _version)
                return;
            if (period > TimeSpan.Zero)
                Arm((long)period.TotalMilliseconds, period, version);
            callback();
        });

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
