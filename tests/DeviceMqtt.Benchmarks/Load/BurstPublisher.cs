using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Sends several messages of QoS 1 at one moment, and records how long after that moment each PUBACK came.</summary>
internal sealed unsafe class BurstPublisher : Publisher
{
    private readonly AgeRecord _acknowledged;
    private readonly long[] _due;
    private readonly int _messagesPerWrite;

    private BurstPublisher(LoadLoop loop, int fd, PublishRing ring, int messagesPerWrite, AgeRecord acknowledged)
        : base(loop, fd, ring)
    {
        _acknowledged = acknowledged;
        _due = new long[ring.Count];
        _messagesPerWrite = messagesPerWrite;
    }

    /// <param name="loop">Where it lives.</param>
    /// <param name="port">The broker's.</param>
    /// <param name="protocolLevel">4 or 5.</param>
    /// <param name="clientId">Its own.</param>
    /// <param name="topic">Of all its messages.</param>
    /// <param name="ringMessages">Packet Identifiers; none may still be in flight when it is used again.</param>
    /// <param name="messagesPerWrite">1: a write for each, as client libraries do.</param>
    /// <param name="acknowledged">Takes the age of each PUBACK.</param>
    public static BurstPublisher Open(LoadLoop loop, int port, int protocolLevel, string clientId, string topic, int ringMessages, int messagesPerWrite, AgeRecord acknowledged)
    {
        int fd = MqttHandshake.Open(port, protocolLevel, clientId);
        var publisher = new BurstPublisher(loop, fd, new PublishRing(protocolLevel, topic, qos: 1, ringMessages), messagesPerWrite, acknowledged);
        publisher.Start(Libc.EpollIn);
        return publisher;
    }

    /// <summary>False when TCP took it in part or not at all: the broker is far behind, and the run is worthless.</summary>
    public bool TryPublish(int messages, long dueTimestamp)
    {
        int left = messages;
        while (left > 0)
        {
            int write = Math.Min(left, _messagesPerWrite);
            byte* packets = Ring.At(SentBytes);
            long first = Published;
            for (int i = 0; i < write; i++)
            {
                *(long*)(packets + ((long)i * Ring.PacketBytes) + Ring.PayloadOffset) = dueTimestamp;
                _due[(first + i) % Ring.Count] = dueTimestamp;
            }
            if (!SendStream(write * Ring.PacketBytes))
                return false;
            left -= write;
        }
        return true;
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        long now = Stopwatch.GetTimestamp();
        byte* packet = start;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if (*packet == MqttBytes.PubAck)
                _acknowledged.Add(now - _due[((body[0] << 8) | body[1]) - 1]);
            packet = next;
        }
        return packet;
    }
}
