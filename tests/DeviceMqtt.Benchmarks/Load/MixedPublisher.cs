using System.Runtime.InteropServices;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>QoS 1 at 5.0: one message in so many goes to a topic whose messages stay, the others to one whose messages are soon gone. Keeps a window full until it is stopped.</summary>
internal sealed unsafe class MixedPublisher : MqttLoadClient
{
    private const int ProtocolLevel = 5;
    private const byte FirstFailure = 0x80;

    private readonly byte[] _stays;
    private readonly byte[] _goes;
    private readonly int _packetIdOffset;
    private readonly int _staysOneIn;
    private readonly int _window;
    private readonly byte* _output;
    private long _published;
    private long _answered;

    private MixedPublisher(LoadLoop loop, int fd, MixedTopics topics, int window)
        : base(loop, fd)
    {
        _stays = MqttBytes.PublishPacket(ProtocolLevel, topics.Stays, qos: 1, packetId: 1, topics.PayloadBytes);
        _goes = MqttBytes.PublishPacket(ProtocolLevel, topics.Goes, qos: 1, packetId: 1, topics.PayloadBytes);
        _packetIdOffset = MqttBytes.PacketIdOffset(_stays);
        _staysOneIn = topics.StaysOneIn;
        _window = window;
        _output = (byte*)NativeMemory.Alloc((nuint)(window * _stays.Length));
    }

    public long Accepted { get; private set; }

    /// <summary>Of those, the messages that stay.</summary>
    public long AcceptedToStay { get; private set; }

    /// <summary>Answered with a reason code of 0x80 or more: 0x97 when the journal is full.</summary>
    public long Refused { get; private set; }

    public bool IsStopped { get; set; }

    public bool IsIdle => _answered == _published;

    public static MixedPublisher Open(LoadLoop loop, int port, string clientId, MixedTopics topics, int window)
    {
        if (topics.Stays.Length != topics.Goes.Length)
            throw new ArgumentException("the two topics must have one length", nameof(topics));
        var publisher = new MixedPublisher(loop, MqttHandshake.Open(port, ProtocolLevel, clientId), topics, window);
        publisher.Start(Libc.EpollIn);
        return publisher;
    }

    /// <summary>Fills the window with one write.</summary>
    public void Publish()
    {
        int bytes = 0;
        for (; !IsStopped && _published - _answered < _window; _published++)
        {
            byte[] packet = _published % _staysOneIn == 0 ? _stays : _goes;
            packet.CopyTo(new Span<byte>(_output + bytes, packet.Length));
            int packetId = 1 + (int)(_published % ushort.MaxValue);
            _output[bytes + _packetIdOffset] = (byte)(packetId >> 8);
            _output[bytes + _packetIdOffset + 1] = (byte)packetId;
            bytes += packet.Length;
        }
        // A window is a few kilobytes, less than any send buffer.
        if (bytes > 0 && Send(_output, bytes) != bytes)
            Close("the broker does not read");
    }

    public override void Dispose()
    {
        base.Dispose();
        NativeMemory.Free(_output);
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if (*packet == MqttBytes.PubAck)
                Answered(next - body > 2 ? body[2] : (byte)0);
            packet = next;
        }
        Publish();
        return packet;
    }

    // Answers come in the order of the messages [MQTT-4.6.0-2].
    private void Answered(byte reasonCode)
    {
        bool stays = _answered++ % _staysOneIn == 0;
        if (reasonCode >= FirstFailure)
        {
            Refused++;
            return;
        }
        Accepted++;
        AcceptedToStay += stays ? 1 : 0;
    }
}
