using System.Globalization;
using System.Text;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Where the boots of boards without a clock lie in the gateway's own time, so that a reading that has <c>up</c> and <c>b</c> gets a time. It is
/// placed when it leaves, not when it comes: the gateway may learn what time it is in between. Owned by the turn.
/// <list type="bullet">
/// <item>A boot is known by the board's birth, and by each reading that was not late: what was on its way for the shortest time says it best, of
/// the last ten minutes, because a board's own clock runs off by some seconds a day.</item>
/// <item>Of each board the last eight boots are known. They are forgotten at a restart, but for that of a retained birth.</item>
/// </list>
/// </summary>
internal sealed class BootTimes(Ground ground)
{
    private const int BootsMax = 8;
    private const long BestForMs = 600_000;
    private const int ReadingBytesMax = 1024; // as long as our boards write them
    private readonly Dictionary<string, List<Boot>> _byDevice = new(StringComparer.Ordinal);
    private readonly FlatJsonReader _reader = new();
    private readonly TelemetryHeader _header = new();

    private sealed class Boot(long id)
    {
        public long Id { get; } = id;

        /// <summary>Monotonic milliseconds of the gateway when it began.</summary>
        public long BeganMs { get; set; }

        /// <summary>When that was found out.</summary>
        public long NotedMs { get; set; }
    }

    /// <summary>A board has said how old its boot is.</summary>
    /// <param name="device">What it is called in its topics.</param>
    /// <param name="boot">Which boot.</param>
    /// <param name="upMs">Its age in milliseconds.</param>
    /// <param name="atMs">Monotonic milliseconds when it said so.</param>
    public void Note(string device, long boot, long upMs, long atMs)
    {
        if (!_byDevice.TryGetValue(device, out List<Boot>? boots))
        {
            if (_byDevice.Count >= ground.Limits.KnownDevicesMax)
                return;
            _byDevice.Add(device, boots = []);
        }

        Boot? known = boots.Find(b => b.Id == boot);
        if (known is null)
        {
            if (boots.Count == BootsMax)
                boots.RemoveAt(0);
            boots.Add(known = new Boot(boot) { BeganMs = long.MaxValue });
        }

        long beganMs = atMs - upMs;
        if (beganMs > known.BeganMs && atMs - known.NotedMs < BestForMs)
            return;
        known.BeganMs = beganMs;
        known.NotedMs = atMs;
    }

    /// <summary>The payload of a reading with its time and how sure that is (<c>q</c>): as it came when it has one, or nobody knows it.</summary>
    public ReadOnlySpan<byte> Place(string device, Message message)
    {
        byte[] payload = message.Payload;
        if (payload.Length > ReadingBytesMax || payload is not [(byte)'{', (byte)'"', ..] || payload.AsSpan().IndexOf("\"up\":"u8) < 0)
            return payload;
        if (!_header.TryRead(_reader, payload, 0, payload.Length) || !_header.HasUp || _header.HasTime)
            return payload;
        if (!_header.IsLate)
            Note(device, _header.BootId, _header.UpMs, message.AcceptedMs);
        long? vouched = ground.Clock.Vouched?.Invoke(ground.Turn.NowMs);
        if (_byDevice.GetValueOrDefault(device)?.Find(b => b.Id == _header.BootId) is not { } boot || (vouched ?? ground.Clock.BelievedUnixMs) is not { } nowUnixMs)
            return payload;
        long unixMs = nowUnixMs - (ground.Turn.NowMs - (boot.BeganMs + _header.UpMs));
        if (unixMs <= 0)
            return payload;
        string head = string.Create(CultureInfo.InvariantCulture, $"{{\"{TelemetryField.Time}\":{unixMs / 1000}.{unixMs % 1000:000},\"{TelemetryField.Quality}\":{(vouched is null ? 2 : 1)},");
        return (byte[])[.. Encoding.ASCII.GetBytes(head), .. payload.AsSpan(1)];
    }
}
