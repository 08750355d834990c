namespace DeviceMqtt.Gateway.Devices;

/// <summary>One telemetry stream of a device: its last payload in figures. Owned by the turn.</summary>
internal sealed class StreamEntry(DeviceEntry device, string name)
{
    /// <summary>Metrics of one stream that are kept (as <see cref="Wire.BirthStream.MetricsMax"/>).</summary>
    public const int SeriesMax = 16;

    private const int ObjectBytes = 200;

    /// <summary>Bytes that a stream takes, without its series.</summary>
    public static long BytesOf(string name) => ObjectBytes + (name.Length * sizeof(char));

    public DeviceEntry Device => device;

    public string Name => name;

    public List<Series> Series { get; } = [];

    /// <summary>Monotonic milliseconds of the last payload that was read: more than some a second are not.</summary>
    public long ReadMs { get; set; } = long.MinValue / 2;

    /// <summary>The last sequence number; 0 before the first.</summary>
    public long Sequence { get; set; }

    /// <summary>A time in the payload was the gateway's guess, because the board has no clock.</summary>
    public bool IsTimeGuessed { get; set; }

    /// <summary>Milliseconds between two payloads, a running mean; 0 before the second. For gaps in a chart.</summary>
    public double IntervalMs { get; set; }

    /// <summary>The newest time that a payload was of, in milliseconds since 1970; 0 before the first.</summary>
    public long LastUnixMs { get; private set; }

    /// <summary>A payload has come.</summary>
    /// <param name="unixMs">What it is of.</param>
    /// <param name="isLate">It was sent later.</param>
    /// <param name="nowUnixMs">What the clock shows; where that is well before the newest, it was set back.</param>
    public void Came(long unixMs, bool isLate, long nowUnixMs)
    {
        if (nowUnixMs < LastUnixMs - Devices.Series.ClockBackMs)
            LastUnixMs = 0;
        long stepMs = unixMs - LastUnixMs;
        // A longer one is a board that was away, or a clock that was set.
        if (LastUnixMs > 0 && !isLate && stepMs is > 0 and <= Devices.Series.MinutesMs)
            IntervalMs = IntervalMs == 0 ? stepMs : (IntervalMs * 0.9) + (stepMs * 0.1);
        LastUnixMs = Math.Max(LastUnixMs, unixMs);
    }

    public Series? Find(string metric)
    {
        foreach (Series series in Series)
            if (series.Name == metric)
                return series;
        return null;
    }
}
