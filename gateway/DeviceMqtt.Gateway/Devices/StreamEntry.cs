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

    public long LastUnixMs { get; set; }

    public Series? Find(string metric)
    {
        foreach (Series series in Series)
            if (series.Name == metric)
                return series;
        return null;
    }
}
