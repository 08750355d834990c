using System.Threading.Channels;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A clock moved by hand, which also says when somebody begins to wait for it, and for how long.</summary>
internal sealed class TimerWatch(FakeTime time) : TimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = time.CreateTimer(callback, state, dueTime, period);
        _ = _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>The next timer that is set, and how long it is.</summary>
    public Task<TimeSpan> NextAsync() => Patience.Within(_timers.Reader.ReadAsync().AsTask(), "a timer of the relay");
}
