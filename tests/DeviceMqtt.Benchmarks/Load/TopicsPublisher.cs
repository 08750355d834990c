namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Publishes messages of QoS 1 on many topics, by one client with a window, once.</summary>
internal sealed unsafe class TopicsPublisher : MqttLoadClient
{
    private const int Window = 100;

    private readonly int _protocolLevel;
    private readonly int _count;
    private readonly Func<int, string> _topic;
    private readonly bool _retain;
    private int _published;
    private int _acknowledged;

    public TopicsPublisher(LoadLoop loop, int port, int protocolLevel, int count, Func<int, string> topic, bool retain)
        : base(loop, MqttHandshake.Open(port, protocolLevel, "topics"))
    {
        _topic = topic;
        _retain = retain;
        _protocolLevel = protocolLevel;
        _count = count;
        Start(Libc.EpollIn);
        Publish();
    }

    public bool IsDone => _acknowledged == _count;

    /// <summary>Of retained messages: ten to a device.</summary>
    public static string RetainedTopic(int index) => $"bench/retained/{index / 10:000000}/{index % 10}";

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (FindEnd(packet, end, out _) is var next && next != null)
        {
            _acknowledged += *packet == MqttBytes.PubAck ? 1 : 0;
            packet = next;
        }
        Publish();
        return packet;
    }

    private void Publish()
    {
        int bytes = 0;
        for (; _published < _count && _published - _acknowledged < Window; _published++)
        {
            byte[] packet = MqttBytes.PublishPacket(
                _protocolLevel, _topic(_published), qos: 1, packetId: 1 + (_published % ushort.MaxValue), PublishRing.PayloadBytes, _retain);
            packet.CopyTo(new Span<byte>(Loop.AckBuffer + bytes, packet.Length));
            bytes += packet.Length;
        }
        if (bytes > 0 && Send(Loop.AckBuffer, bytes) != bytes)
            Close("the broker does not read");
    }
}
