namespace DeviceMqtt.Simulation.World;

/// <summary>The machine's clocks as one process has them: its timers end with it.</summary>
internal sealed class ProcessTime(TimeProvider machine, Func<bool> isAlive) : TimeProvider
{
    public override long TimestampFrequency => machine.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(s =>
        {
            if (isAlive())
                callback(s);
        }, state, dueTime, period);
}
