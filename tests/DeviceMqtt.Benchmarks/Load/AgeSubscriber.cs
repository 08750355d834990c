using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Records how long after its due moment each message arrived; acknowledges at QoS 1.</summary>
internal sealed unsafe class AgeSubscriber : MqttLoadClient
{
    private readonly AgeRecord _record;

    private AgeSubscriber(LoadLoop loop, int fd, AgeRecord record)
        : base(loop, fd)
    {
        _record = record;
    }

    public static AgeSubscriber Open(LoadLoop loop, int port, int protocolLevel, string clientId, string filter, int qos, AgeRecord record)
    {
        int fd = MqttHandshake.Open(port, protocolLevel, clientId);
        MqttHandshake.Subscribe(fd, protocolLevel, filter, qos);
        var subscriber = new AgeSubscriber(loop, fd, record);
        subscriber.Start(Libc.EpollIn);
        return subscriber;
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        long now = Stopwatch.GetTimestamp();
        byte* packet = start;
        byte* ack = Loop.AckBuffer;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if ((*packet & 0xF0) == MqttBytes.Publish)
            {
                _record.Add(now - *(long*)(next - PublishRing.PayloadBytes));
                if ((*packet & 0x06) != 0)
                    ack = WritePubAck(ack, body);
            }
            packet = next;
        }
        int ackBytes = (int)(ack - Loop.AckBuffer);
        if (ackBytes > 0 && Send(Loop.AckBuffer, ackBytes) != ackBytes)
            Close("the broker does not read acknowledgements");
        return packet;
    }
}
