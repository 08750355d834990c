using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>The backlog of each upstream over the last hour, one line each ten seconds. Owned by the turn.</summary>
internal sealed class RelayHistory(WallClock clock, Turn turn)
{
    private const int LinesMax = 360;
    private const long EveryMs = 10_000;
    private readonly Dictionary<string, Queue<double[]>> _lines = new(StringComparer.Ordinal);
    private long _lastMs = long.MinValue / 2;

    /// <summary>The upstreams, once they are made.</summary>
    public IReadOnlyList<Uplink> Uplinks { get; set; } = [];

    /// <summary>Time (milliseconds since 1970), messages that wait, acknowledged since the start, and whether it was connected (1) or not.</summary>
    public IReadOnlyList<double[]> Of(string name) => _lines.TryGetValue(name, out Queue<double[]>? lines) ? [.. lines] : [];

    /// <summary>Once a second.</summary>
    public void Beat()
    {
        if (turn.NowMs - _lastMs < EveryMs)
            return;
        _lastMs = turn.NowMs;
        foreach (Uplink uplink in Uplinks)
        {
            if (!_lines.TryGetValue(uplink.Name, out Queue<double[]>? lines))
                _lines.Add(uplink.Name, lines = new Queue<double[]>());
            lines.Enqueue([clock.NowUnixMs, uplink.Session.Buffer.Count, uplink.Session.Acknowledged, uplink.Status.State == UplinkState.Connected ? 1 : 0]);
            if (lines.Count > LinesMax)
                _ = lines.Dequeue();
        }
    }
}
