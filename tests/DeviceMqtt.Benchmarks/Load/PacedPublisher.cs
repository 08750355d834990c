namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Sends one message when told to; its payload begins with the moment it was due, so that the subscriber can tell its age.</summary>
internal sealed unsafe class PacedPublisher : Publisher
{
    // Identifiers enough that none is taken again while it is in flight, as long as the broker is less than 20 s behind.
    private const int RingMessages = 1000;

    private PacedPublisher(LoadLoop loop, int fd, PublishRing ring)
        : base(loop, fd, ring)
    {
    }

    public static PacedPublisher Open(LoadLoop loop, int port, int protocolLevel, string clientId, string topic, int qos, int ringMessages = RingMessages)
    {
        int fd = MqttHandshake.Open(port, protocolLevel, clientId);
        var publisher = new PacedPublisher(loop, fd, new PublishRing(protocolLevel, topic, qos, ringMessages));
        publisher.Start(Libc.EpollIn);
        return publisher;
    }

    /// <summary>False when TCP took it in part or not at all: the broker is far behind, and the run is worthless.</summary>
    public bool TryPublish(long dueTimestamp)
    {
        *(long*)(Ring.At(SentBytes) + Ring.PayloadOffset) = dueTimestamp;
        return SendStream(Ring.PacketBytes);
    }

    /// <summary>Several with one write, whose moments nobody wants to know; false as above.</summary>
    public bool TryPublish(int count) => SendStream(count * Ring.PacketBytes);

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (FindEnd(packet, end, out _) is var next && next != null)
            packet = next;
        return packet;
    }
}
