using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// A client that has nothing to do with what goes on: it sends a PINGREQ every 2 ms, whether or not the last one was answered, so that a standstill of the broker
/// is seen in every PINGREQ that it held up. A wait counts from when the PINGREQ was sent, so that a delay of the load generator is not the broker's.
/// </summary>
internal sealed unsafe class PingSampler : MqttLoadClient
{
    private const int IntervalMs = 2;

    private readonly Queue<long> _unanswered = new();
    private readonly AgeRecord _record;
    private long _due;

    private PingSampler(LoadLoop loop, int fd, AgeRecord record)
        : base(loop, fd)
    {
        _record = record;
    }

    public int Unanswered => _unanswered.Count;

    /// <summary>PINGREQs in so many seconds, and some more.</summary>
    public static int CountFor(double seconds) => 1000 + (int)(seconds * 1000 / IntervalMs);

    public static PingSampler Open(LoadLoop loop, int port, int protocolLevel, AgeRecord record)
    {
        var sampler = new PingSampler(loop, MqttHandshake.Open(port, protocolLevel, "innocent"), record);
        sampler.Start(Libc.EpollIn);
        return sampler;
    }

    public void PingIfDue()
    {
        long now = Stopwatch.GetTimestamp();
        if (now < _due || Fd < 0)
            return;
        _due = now + (IntervalMs * Stopwatch.Frequency / 1000);
        fixed (byte* ping = MqttBytes.PingReq)
        {
            if (Send(ping, MqttBytes.PingReq.Length) == MqttBytes.PingReq.Length)
                _unanswered.Enqueue(now);
        }
    }

    /// <summary>What was not answered has waited so long at least.</summary>
    public void RecordUnanswered()
    {
        long now = Stopwatch.GetTimestamp();
        while (_unanswered.TryDequeue(out long sent))
            _record.Add(now - sent);
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        long now = Stopwatch.GetTimestamp();
        byte* packet = start;
        while (FindEnd(packet, end, out _) is var next && next != null)
        {
            if (*packet == MqttBytes.PingResp && _unanswered.TryDequeue(out long sent))
                _record.Add(now - sent);
            packet = next;
        }
        return packet;
    }
}
