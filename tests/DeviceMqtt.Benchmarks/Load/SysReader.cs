using System.Globalization;
using System.Text;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Collects what a broker tells of itself below <c>$SYS</c>.</summary>
internal sealed unsafe class SysReader : MqttLoadClient
{
    private readonly Dictionary<string, string> _values = [];

    private SysReader(LoadLoop loop, int fd)
        : base(loop, fd)
    {
    }

    public static SysReader Open(LoadLoop loop, int port, string filter)
    {
        int fd = MqttHandshake.Open(port, protocolLevel: 4, "sysreader");
        var reader = new SysReader(loop, fd);
        // Its retained messages may stand before the SUBACK, so nobody waits for that.
        MqttHandshake.Send(fd, MqttBytes.Subscribe(protocolLevel: 4, filter, qos: 0));
        reader.Start(Libc.EpollIn);
        return reader;
    }

    /// <summary>The value of the first topic that has all these words in its name, or NaN: a broker tells what it tells.</summary>
    public double Find(params string[] words)
    {
        string? topic = _values.Keys.Order(StringComparer.Ordinal)
            .FirstOrDefault(topic => Array.TrueForAll(words, word => topic.Contains(word, StringComparison.OrdinalIgnoreCase)));
        return topic is not null && double.TryParse(_values[topic], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if ((*packet & 0xF0) == MqttBytes.Publish)
            {
                int topicBytes = (body[0] << 8) | body[1];
                byte* payload = body + 2 + topicBytes;
                _values[Encoding.UTF8.GetString(body + 2, topicBytes)] = Encoding.UTF8.GetString(payload, (int)(next - payload));
            }
            packet = next;
        }
        return packet;
    }
}
