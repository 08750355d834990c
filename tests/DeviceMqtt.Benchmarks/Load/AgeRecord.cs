using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Ages of delivered messages, room for all of them made beforehand.</summary>
internal sealed class AgeRecord(int capacity)
{
    private readonly long[] _ticks = new long[capacity];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public void Add(long ticks)
    {
        if (Count < _ticks.Length)
            _ticks[Count++] = ticks;
    }

    /// <summary>The age in microseconds that <paramref name="part"/> (0 to 1) of the messages did not exceed.</summary>
    public double PercentileUs(double part)
    {
        if (Count == 0)
            return double.NaN;
        Array.Sort(_ticks, 0, Count);
        int index = Math.Min(Count - 1, (int)(part * Count));
        return _ticks[index] * 1e6 / Stopwatch.Frequency;
    }
}
