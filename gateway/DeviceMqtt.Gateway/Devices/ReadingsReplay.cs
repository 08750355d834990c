using System.Text;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// Fills the recent readings again after a restart, from what the journal still has: telemetry that was kept for an upstream or for somebody who
/// was away. While the journal is read only bytes are copied, the newest of them; the readings are made of them later, in slices, when clients are
/// served already, and the clock shows a time after the newest of them: a Pi without a real-time clock starts in the past, and what was measured "later" has no place in a chart.
/// </summary>
internal sealed class ReadingsReplay(DeviceBook devices, WallClock clock) : IJob
{
    /// <summary>Bytes of messages that wait to be read. Chosen: some ten thousand payloads of a board.</summary>
    public const int BytesMax = 4 * 1024 * 1024;

    private const int MessageBytes = 80; // the object and what leads to it
    private readonly Queue<(byte[] Topic, byte[] Payload, long UnixMs)> _waiting = new();
    private long _bytes;
    private long _newestUnixMs;

    /// <summary>How long it is waited for the clock. Chosen: a time server is found in seconds, or there is none.</summary>
    public const long ClockPatienceMs = 600_000;

    /// <summary>The clock shows what it must at least show. Inside a turn.</summary>
    public bool IsClockRight => clock.BelievedUnixMs is { } now && now + Series.ClockBackMs >= _newestUnixMs;

    /// <summary>Readings of how many messages were found.</summary>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public bool Writes => false;

    /// <inheritdoc/>
    public string Name => "the readings of before the start";

    /// <inheritdoc/>
    public AfterFault Failed(Exception fault, Turn turn) => AfterFault.Later; // the message is out of the line

    /// <summary>A message of the journal.</summary>
    public void Take(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long acceptedUnixMs)
    {
        if (acceptedUnixMs < clock.NowUnixMs - Series.MinutesMs || topic.IndexOf("/tele/"u8) < 0 || payload.Length is 0 or > DeviceBook.PayloadBytesMax)
            return;
        _waiting.Enqueue((topic.ToArray(), payload.ToArray(), acceptedUnixMs));
        _bytes += MessageBytes + topic.Length + payload.Length;
        _newestUnixMs = Math.Max(_newestUnixMs, acceptedUnixMs);
        while (_bytes > BytesMax)
            Forget();
    }

    /// <inheritdoc/>
    public bool Run(Turn turn)
    {
        while (_waiting.Count > 0)
        {
            if (turn.IsSliceOver)
                return false;
            (byte[] topic, byte[] payload, long unixMs) = Forget();
            if (devices.TakeOld(Encoding.UTF8.GetString(topic), payload, unixMs))
                Count++;
        }

        return true;
    }

    private (byte[] Topic, byte[] Payload, long UnixMs) Forget()
    {
        (byte[] Topic, byte[] Payload, long UnixMs) oldest = _waiting.Dequeue();
        _bytes -= MessageBytes + oldest.Topic.Length + oldest.Payload.Length;
        return oldest;
    }
}
