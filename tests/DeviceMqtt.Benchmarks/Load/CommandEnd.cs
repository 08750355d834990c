using System.Diagnostics;
using System.Text;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// One end of a command and its answer, each of QoS 1 and one write: the sender counts from the moment a command was due until its answer is here, the device answers what
/// it gets at once. It subscribes to its own P2P topic: a broker without P2P takes that for any other topic.
/// </summary>
internal sealed unsafe class CommandEnd : MqttLoadClient
{
    private static readonly byte[] IdKey = "{\"id\":\""u8.ToArray();
    private readonly Dictionary<long, long> _dueById = [];
    private readonly AgeRecord? _record;
    private readonly int _protocolLevel;
    private readonly string _clientId;
    private readonly string _topic;
    private int _lastPacketId;

    private CommandEnd(LoadLoop loop, int fd, int protocolLevel, string clientId, string other, AgeRecord? record)
        : base(loop, fd)
    {
        (_protocolLevel, _clientId, _topic, _record) = (protocolLevel, clientId, $"dm/p2p/{other}", record);
    }

    /// <param name="loop">Where it lives.</param>
    /// <param name="port">The broker's.</param>
    /// <param name="protocolLevel">4 or 5.</param>
    /// <param name="clientId">Its own.</param>
    /// <param name="other">Client Identifier of the other end.</param>
    /// <param name="record">Of the sender; null for a device.</param>
    public static CommandEnd Open(LoadLoop loop, int port, int protocolLevel, string clientId, string other, AgeRecord? record)
    {
        int fd = MqttHandshake.Open(port, protocolLevel, clientId);
        MqttHandshake.Subscribe(fd, protocolLevel, $"dm/p2p/{clientId}", qos: 1);
        var end = new CommandEnd(loop, fd, protocolLevel, clientId, other, record);
        end.Start(Libc.EpollIn);
        return end;
    }

    /// <summary>Commands without an answer yet.</summary>
    public int Unanswered => _dueById.Count;

    /// <summary>Sends a command that was due then.</summary>
    public void Command(long number, long dueTimestamp)
    {
        _dueById.Add(number, dueTimestamp);
        Write($$$"""{"id":"{{{number}}}","from":"{{{_clientId}}}","cmd":"relay.set","args":{"on":true}}""");
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if ((*packet & 0xF0) == MqttBytes.Publish)
                Receive(packet, body, next);
            packet = next;
            if (Fd < 0)
                return end;
        }
        return packet;
    }

    private void Receive(byte* packet, byte* body, byte* next)
    {
        long now = Stopwatch.GetTimestamp();
        if ((*packet & 0x06) != 0)
        {
            byte* ack = WritePubAck(Loop.AckBuffer, body);
            if (Send(Loop.AckBuffer, (int)(ack - Loop.AckBuffer)) != ack - Loop.AckBuffer)
                Close("the broker does not read acknowledgements");
        }
        var message = new ReadOnlySpan<byte>(body, (int)(next - body));
        int at = message.IndexOf(IdKey);
        if (at < 0)
            return;
        long number = 0;
        foreach (byte digit in message[(at + IdKey.Length)..])
        {
            if (digit is < (byte)'0' or > (byte)'9')
                break;
            number = (number * 10) + digit - '0';
        }
        if (_record is null)
            Write($$"""{"id":"{{number}}","st":"ok","code":0}""");
        else if (_dueById.Remove(number, out long due))
            _record.Add(now - due);
    }

    private void Write(string payload)
    {
        _lastPacketId = (_lastPacketId % ushort.MaxValue) + 1;
        byte[] text = Encoding.ASCII.GetBytes(payload);
        byte[] packet = MqttBytes.PublishPacket(_protocolLevel, _topic, qos: 1, _lastPacketId, text.Length);
        text.CopyTo(packet.AsSpan(packet.Length - text.Length));
        fixed (byte* bytes = packet)
        {
            if (Send(bytes, packet.Length) != packet.Length)
                Close("the broker does not read commands or answers");
        }
    }
}
