using System.Runtime.InteropServices;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Counts what is delivered to it; at QoS 1 acknowledges everything of one read with one write.</summary>
internal sealed unsafe class Subscriber : MqttLoadClient
{
    private const int UnsentAckBytesMax = 8 * LoadLoop.BufferBytes;

    // Their packet fits a send buffer.
    private const int FiltersPerSubscribe = 500;

    private byte* _unsentAcks;
    private int _unsentAckBytes;

    private Subscriber(LoadLoop loop, int fd)
        : base(loop, fd)
    {
    }

    public long Delivered { get; private set; }

    public static Subscriber Open(LoadLoop loop, int port, int protocolLevel, string clientId, string filter, int qos) =>
        Open(loop, port, protocolLevel, clientId, [filter], qos);

    public static Subscriber Open(LoadLoop loop, int port, int protocolLevel, string clientId, IEnumerable<string> filters, int qos)
    {
        int fd = MqttHandshake.Open(port, protocolLevel, clientId);
        foreach (string[] some in filters.Chunk(FiltersPerSubscribe))
            MqttHandshake.Subscribe(fd, protocolLevel, some, qos);
        var subscriber = new Subscriber(loop, fd);
        subscriber.Start(Libc.EpollIn);
        return subscriber;
    }

    /// <summary>A Session with a subscription and nobody there: what is published for it has to be kept.</summary>
    public static void Leave(int port, int protocolLevel, string clientId, string filter)
    {
        int fd = MqttHandshake.Open(port, protocolLevel, clientId, clean: false);
        MqttHandshake.Subscribe(fd, protocolLevel, filter, qos: 1);
        _ = Libc.Close(fd);
    }

    /// <summary>Without a look at the SUBACK: what is retained may come before it.</summary>
    public static Subscriber OpenUnasked(LoadLoop loop, int port, int protocolLevel, string clientId, string filter)
    {
        int fd = MqttHandshake.Open(port, protocolLevel, clientId);
        var subscriber = new Subscriber(loop, fd);
        subscriber.Start(Libc.EpollIn);
        MqttHandshake.Send(fd, MqttBytes.Subscribe(protocolLevel, filter, qos: 0));
        return subscriber;
    }

    /// <summary>Comes back to a Session that was left.</summary>
    public static Subscriber Resume(LoadLoop loop, int port, int protocolLevel, string clientId)
    {
        var subscriber = new Subscriber(loop, MqttHandshake.Open(port, protocolLevel, clientId, clean: false));
        subscriber.Start(Libc.EpollIn);
        return subscriber;
    }

    public override void OnWritable()
    {
        int count = Send(_unsentAcks, _unsentAckBytes);
        if (count <= 0)
            return;
        _unsentAckBytes -= count;
        NativeMemory.Copy(_unsentAcks + count, _unsentAcks, (nuint)_unsentAckBytes);
        WatchForRoom();
    }

    public override void Dispose()
    {
        base.Dispose();
        NativeMemory.Free(_unsentAcks);
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        byte* ack = Loop.AckBuffer;
        long delivered = 0;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if ((*packet & 0xF0) == MqttBytes.Publish)
            {
                // nats-server delivers its own traffic to `#` as well: only what the load published counts, whose topics begin with a `b`.
                delivered += body[2] == (byte)'b' ? 1 : 0;
                if ((*packet & 0x06) != 0)
                    ack = WritePubAck(ack, body);
            }
            packet = next;
        }
        Delivered += delivered;
        if (ack != Loop.AckBuffer)
            Acknowledge((int)(ack - Loop.AckBuffer));
        return packet;
    }

    private void Acknowledge(int bytes)
    {
        int count = _unsentAckBytes > 0 ? WouldBlock : Send(Loop.AckBuffer, bytes);
        if (count == Gone || count == bytes)
            return;
        count = Math.Max(0, count);
        if (_unsentAcks == null)
            _unsentAcks = (byte*)NativeMemory.Alloc(UnsentAckBytesMax);
        NativeMemory.Copy(Loop.AckBuffer + count, _unsentAcks + _unsentAckBytes, (nuint)(bytes - count));
        _unsentAckBytes += bytes - count;
        WatchForRoom();
    }

    // A broker that reads nothing until something is read from it must not stall here, so reading goes on while there is room.
    private void WatchForRoom()
    {
        bool hasRoom = _unsentAckBytes + LoadLoop.BufferBytes <= UnsentAckBytesMax;
        Want((hasRoom ? Libc.EpollIn : 0) | (_unsentAckBytes > 0 ? Libc.EpollOut : 0));
    }
}
