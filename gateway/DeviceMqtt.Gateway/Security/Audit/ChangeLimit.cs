using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// How many changes there may be in a minute, by who makes them: each has a line in <c>audit.log</c>, and many of them push the lines before out of it. Counted before a change is made,
/// whether it is made then or not. Safe from any thread.
/// </summary>
internal sealed class ChangeLimit(TimeProvider time)
{
    /// <summary>Changes of one caller in a minute. Chosen: a program sends a hundred devices a command each in half a minute, and whoever fills both files with lines needs half an hour.</summary>
    public const int PerMinuteMax = 300;

    /// <summary>Changes of all callers in a minute. Chosen: four of them at their bound; a caller who makes keys for himself has no more than that. It bounds the callers that are remembered, too.</summary>
    public const int AllPerMinuteMax = 4 * PerMinuteMax;

    private const long MinuteMs = 60_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _byCaller = new(StringComparer.Ordinal);
    private long _beganMs = long.MinValue / 2;
    private int _all;

    /// <param name="caller">Who makes the change.</param>
    /// <param name="waitSeconds">When there is room again, 1 to 60; 0 where there is.</param>
    /// <returns>False when this minute has no room for one more.</returns>
    public bool TryTake(string caller, out int waitSeconds)
    {
        lock (_lock)
        {
            long nowMs = time.MonotonicMs();
            if (nowMs - _beganMs >= MinuteMs)
            {
                (_beganMs, _all) = (nowMs, 0);
                _byCaller.Clear();
            }

            int made = _byCaller.GetValueOrDefault(caller);
            bool hasRoom = made < PerMinuteMax && _all < AllPerMinuteMax;
            waitSeconds = hasRoom ? 0 : (int)Math.Ceiling((_beganMs + MinuteMs - nowMs) / 1000.0);
            if (!hasRoom)
                return false;
            _byCaller[caller] = made + 1;
            _all++;
            return true;
        }
    }
}
