namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// QoS 1: keeps <c>window</c> messages unacknowledged. What one read acknowledges is replaced with one write, or, paced, with a write for each message or few, as
/// clients that publish one message at a time do.
/// </summary>
internal sealed unsafe class WindowedPublisher : Publisher
{
    private readonly int _messagesPerWriteMax;

    private WindowedPublisher(LoadLoop loop, int fd, PublishRing ring, int messagesPerWriteMax)
        : base(loop, fd, ring)
    {
        _messagesPerWriteMax = messagesPerWriteMax;
    }

    public long Acknowledged { get; private set; }

    /// <summary>Acknowledgements that did not come in the order of the messages [MQTT-4.6.0-2].</summary>
    public long OutOfOrder { get; private set; }

    public static WindowedPublisher Open(LoadLoop loop, int port, int protocolLevel, string clientId, string topic, int window, int messagesPerWriteMax = int.MaxValue)
    {
        int fd = MqttHandshake.Open(port, protocolLevel, clientId);
        // As many Packet Identifiers as may be in flight: each is free again when its turn comes.
        var publisher = new WindowedPublisher(loop, fd, new PublishRing(protocolLevel, topic, qos: 1, window), messagesPerWriteMax);
        publisher.Start(Libc.EpollIn | Libc.EpollOut);
        return publisher;
    }

    public override void OnWritable()
    {
        int bytes = IsStopped ? UnfinishedBytes : (int)(((Acknowledged + Ring.Count) * Ring.PacketBytes) - SentBytes);
        bool isSent = true;
        while (bytes > 0 && isSent)
        {
            long packetsBytes = (long)_messagesPerWriteMax * Ring.PacketBytes;
            int write = (int)Math.Min(bytes, packetsBytes - (SentBytes % Ring.PacketBytes));
            isSent = SendStream(write);
            bytes -= write;
        }
        Want(isSent ? Libc.EpollIn : Libc.EpollIn | Libc.EpollOut);
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if (*packet == MqttBytes.PubAck)
            {
                int packetId = (body[0] << 8) | body[1];
                if (packetId != (Acknowledged % Ring.Count) + 1)
                    OutOfOrder++;
                Acknowledged++;
            }
            packet = next;
        }
        OnWritable();
        return packet;
    }
}
