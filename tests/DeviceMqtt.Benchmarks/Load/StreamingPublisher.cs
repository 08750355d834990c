namespace DeviceMqtt.Benchmarks.Load;

/// <summary>QoS 0: as much as TCP takes. The broker's reading is the only brake.</summary>
internal sealed unsafe class StreamingPublisher : Publisher
{
    // Some 16 KB a write: the call itself costs little per message then, and a hundred rings stay in the cache.
    private const int RingBytes = 16 * 1024;

    // Linux would grow the send buffer to 4 MB: a hundred of them hold 20 s of mosquitto's work, and no window in front of that is steady.
    private const int SendBufferBytes = 32 * 1024;

    // What one publisher may send before others have their turn.
    private const int WritesPerTurnMax = 4;

    private StreamingPublisher(LoadLoop loop, int fd, PublishRing ring)
        : base(loop, fd, ring)
    {
    }

    public static StreamingPublisher Open(LoadLoop loop, int port, int protocolLevel, string clientId, string topic)
    {
        int packetBytes = MqttBytes.PublishPacket(protocolLevel, topic, qos: 0, packetId: 0, PublishRing.PayloadBytes).Length;
        int fd = MqttHandshake.Open(port, protocolLevel, clientId);
        LoopbackSocket.SetOption(fd, Libc.LevelSocket, Libc.OptionSendBuffer, SendBufferBytes);
        var ring = new PublishRing(protocolLevel, topic, qos: 0, RingBytes / packetBytes);
        var publisher = new StreamingPublisher(loop, fd, ring);
        publisher.Start(Libc.EpollIn | Libc.EpollOut);
        return publisher;
    }

    public override void OnWritable()
    {
        if (IsStopped)
        {
            if (UnfinishedBytes == 0 || SendStream(UnfinishedBytes))
                Want(Libc.EpollIn);
            return;
        }
        for (int writes = 0; writes < WritesPerTurnMax && SendStream(Ring.Bytes); writes++)
        {
        }
    }

    protected override byte* Consume(byte* start, byte* end) => end; // nothing comes back at QoS 0
}
