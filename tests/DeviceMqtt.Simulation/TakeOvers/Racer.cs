using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.TakeOvers;

/// <summary>A client that comes back while what its connection before has sent lies in the socket and is not read yet.</summary>
internal sealed class Racer(string id, ProtocolVersion version, bool isDurable, SimWorld world, SimGateway gateway)
{
    private const ushort KeepAliveSeconds = 20;
    private const int SocketMsMax = 80;
    private readonly List<(ushort PacketId, string Id, QoS QoS, bool IsReleased)> _open = [];
    private SimLink? _link;
    private int _connections;
    private int _number;
    private ushort _packetId;
    private long _heardMs;
    private SimLink? _leaving; // what it says last is on its way there: it does not connect before that has arrived

    public string Id => id;

    public bool IsOn { get; private set; }

    public int Acknowledged { get; private set; }

    /// <summary>Nothing of what it has sent is unanswered.</summary>
    public bool IsSettled => IsOn && _open.Count == 0;

    public void Start() => world.At(world.Random.Next(2000), Tick);

    /// <summary>It sends some messages, and perhaps its goodbye; when all that is there, and not read yet, it connects anew.</summary>
    /// <returns>Null when it is not connected.</returns>
    public Race? TakeOver()
    {
        if (!IsOn || _link is not { IsOver: false } old)
            return null;
        List<(string Id, QoS QoS)> sent = [];
        ArrayBufferWriter<byte> bytes = new();
        for (int count = world.Random.Next(4); count > 0; count--)
            sent.Add(Publish(bytes, (QoS)world.Random.Next(3)));
        bool saysGoodbye = sent.Count == 0 || world.Chance(50);
        bool wantsWill = saysGoodbye && version == ProtocolVersion.V5 && world.Chance(30);
        if (wantsWill)
            bytes.Write((byte[])[0xE0, 1, 4]); // disconnect with Will Message
        else if (saysGoodbye)
            bytes.Write(DisconnectPacket.Normal);
        world.Tell($"{id} sends {string.Join(", ", sent)}{(wantsWill ? ", goodbye with its Will" : saysGoodbye ? ", goodbye" : "")} and takes over from connection {_connections}");
        Race race = new(_connections, world.NowMs, sent, !saysGoodbye || wantsWill);
        old.SocketMs = 1 + world.Random.Next(SocketMsMax);
        (_leaving, IsOn, _link) = (old, false, null);
        old.Arrived = () =>
        {
            old.Arrived = null;
            _leaving = null;
            Connect();
            if (world.Chance(20) && _link is { } young)
                young.Arrived = () => ConnectOnceMore(young);
            if (saysGoodbye)
                old.Cut(2000);
        };
        old.Send(bytes.WrittenSpan.ToArray());
        return race;
    }

    // Its CONNECT is there, and perhaps not answered yet.
    private void ConnectOnceMore(SimLink young)
    {
        young.Arrived = null;
        if (IsOn || _link != young)
            return;
        _link = null;
        Connect();
    }

    private void Connect()
    {
        int number = _connections + 1;
        if (_link is not null || gateway.Connect(packet => Receive(number, packet), static () => { }) is not { } link)
            return;
        _connections = number;
        _link = link;
        _heardMs = world.NowMs;
        ArrayBufferWriter<byte> packet = new();
        new ConnectPacket
        {
            Version = version,
            ClientId = id,
            CleanStart = !isDurable,
            KeepAliveSeconds = KeepAliveSeconds,
            Will = new WillMessage { Topic = $"w/{id}", Payload = Encoding.UTF8.GetBytes(WillOf(number)), QoS = QoS.AtLeastOnce, Retain = false, Properties = new WillProperties() },
            Properties = version == ProtocolVersion.V5 ? new ConnectProperties { SessionExpirySeconds = isDurable ? 3600u : 0 } : ConnectProperties.Default,
        }.Write(packet);
        link.Send(packet.WrittenSpan.ToArray());
    }

    /// <summary>What the Will of one of its connections says.</summary>
    public string WillOf(int connection) => $"{id}:will of {connection}";

    /// <summary>What it has sent before the take-over counts, once; and its Will does where it was not told to be dropped.</summary>
    public void Check(Race race, RaceEar ear)
    {
        Truth.Expect(IsOn, $"{id} does not come in behind its connection {race.Connection}");
        foreach ((string said, QoS qos) in race.Sent)
        {
            int count = ear.CountOf(said);
            Truth.Expect(count > 0, $"{said} of QoS {(int)qos} was there before {id} took over from connection {race.Connection}, and nobody ever got it");
            Truth.Expect(count == 1 || (qos == QoS.AtLeastOnce && isDurable), $"{said} of QoS {(int)qos}, sent before {id} took over from connection {race.Connection}, came {count} times");
        }

        int wills = ear.CountOf(WillOf(race.Connection));
        Truth.Expect(wills == (race.HasWill ? 1 : 0), $"the Will of connection {race.Connection} of {id} was published {wills} times, and {(race.HasWill ? "it took over without a goodbye that drops it" : "it had said goodbye before it took over")}");
    }

    private void Tick()
    {
        world.At(3000 + world.Random.Next(2000), Tick);
        if (_link is { } link && world.NowMs - _heardMs > 12_000)
        {
            link.Cut(0);
            (_link, IsOn) = (null, false);
        }

        if (_leaving is { IsOver: false })
            return;
        if (_link is null || _link.IsOver)
        {
            (_leaving, _link, IsOn) = (null, null, false);
            Connect();
        }
        else if (IsOn)
        {
            Send(static w => w.Write(PingPackets.PingReq));
        }
    }

    private (string Id, QoS QoS) Publish(ArrayBufferWriter<byte> bytes, QoS qos)
    {
        string said = $"{id}:{++_number}";
        ushort packetId = qos == QoS.AtMostOnce ? (ushort)0 : NextPacketId();
        if (qos != QoS.AtMostOnce && isDurable)
            _open.Add((packetId, said, qos, false));
        Write(bytes, said, qos, dup: false, packetId);
        return (said, qos);
    }

    private ushort NextPacketId()
    {
        do
            _packetId = (ushort)((_packetId % 50) + 1); // small, so that identifiers come round
        while (_open.Exists(o => o.PacketId == _packetId));
        return _packetId;
    }

    private void Write(IBufferWriter<byte> to, string said, QoS qos, bool dup, ushort packetId) =>
        PublishPacket.Write(to, version, Encoding.UTF8.GetBytes($"o/{id}/{(int)qos}"), default, Encoding.UTF8.GetBytes(said), qos, retain: false, dup, packetId);

    private void Receive(int connection, byte[] packet)
    {
        if (connection != _connections || _link is null)
            return;
        _heardMs = world.NowMs;
        FrameReader reader = new(new ReadOnlySequence<byte>(packet), int.MaxValue, new StraddleBuffer());
        Truth.Expect(reader.TryRead(out Frame frame) == DecodeStatus.Packet, "the gateway sent no packet");
        if (frame.Type == PacketType.ConnAck)
            ReceiveConnAck(frame);
        else if (frame.Type is PacketType.PubAck or PacketType.PubRec or PacketType.PubComp)
            ReceiveAck(frame);
    }

    private void ReceiveConnAck(in Frame frame)
    {
        Truth.Expect(ConnAckPacket.TryDecode(frame, version, out ConnAckPacket? packet, out _), "a malformed CONNACK");
        if (packet!.Code != 0)
        {
            _link!.Cut(0);
            _link = null;
            return;
        }

        world.Tell($"{id} is on with connection {_connections}");
        IsOn = true;
        foreach ((ushort packetId, string said, QoS qos, bool isReleased) in _open) // [MQTT-4.4.0-1]
        {
            if (isReleased)
                Send(w => AckPacket.Write(w, PacketType.PubRel, version, packetId));
            else
                Send(w => Write(w, said, qos, dup: true, packetId));
        }
    }

    private void ReceiveAck(in Frame frame)
    {
        Truth.Expect(AckPacket.TryDecode(frame, version, out AckView ack, out _), "a malformed acknowledgement");
        ushort packetId = ack.PacketId;
        int at = _open.FindIndex(o => o.PacketId == packetId);
        if (frame.Type == PacketType.PubRec)
        {
            if (at >= 0)
                _open[at] = _open[at] with { IsReleased = true };
            Send(w => AckPacket.Write(w, PacketType.PubRel, version, packetId));
        }
        else if (at >= 0)
        {
            _open.RemoveAt(at);
            Acknowledged++;
        }
    }

    private void Send(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> packet = new();
        write(packet);
        _link?.Send(packet.WrittenSpan.ToArray());
    }
}
