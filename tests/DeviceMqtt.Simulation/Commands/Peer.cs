using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Commands;

/// <summary>What boards and senders have in common: a connection that breaks, and QoS 1 both ways. What is not acknowledged is sent again on the next.</summary>
internal abstract class Peer(string id, bool isDurable, ProtocolVersion version, SimWorld world, SimGateway gateway)
{
    private const ushort KeepAliveSeconds = 20;
    private readonly List<(ushort PacketId, string Topic, string Payload, bool Retain)> _open = [];
    private SimLink? _link;
    private ushort _lastPacketId;
    private long _heardMs;

    public string Id => id;

    public bool IsOn { get; private set; }

    /// <summary>It is not to connect by itself.</summary>
    public bool IsOff { get; protected set; }

    protected SimWorld World => world;

    public void Start() => world.At(world.Random.Next(2000), Tick);

    public void Cut(long noticedMs)
    {
        if (_link is not { } link)
            return;
        world.Tell($"{id} is cut off");
        link.Cut(noticedMs);
        Gone();
    }

    public void TakeOver()
    {
        if (!IsOn)
            return;
        Cut(60_000);
        Connect();
    }

    /// <summary>What it has to say when it is connected.</summary>
    protected abstract void Welcome();

    protected abstract void Receive(string topic, string payload);

    protected virtual void Acknowledged(string payload)
    {
    }

    /// <summary>SUBACK.</summary>
    protected virtual void Subscribed(IReadOnlyList<ReasonCode> codes)
    {
    }

    /// <summary>The RAM of the device is gone with all that it had not got rid of.</summary>
    protected void ForgetOpen() => _open.Clear();

    protected void Publish(string topic, string payload, bool retain = false)
    {
        do
            _lastPacketId = (ushort)((_lastPacketId % 500) + 1);
        while (_open.Exists(o => o.PacketId == _lastPacketId));
        _open.Add((_lastPacketId, topic, payload, retain));
        SendPublish(_open[^1], dup: false);
    }

    protected void Subscribe(params string[] filters)
    {
        List<SubscriptionRequest> requests = [];
        foreach (string text in filters)
        {
            _ = TopicFilter.TryParse(text, out TopicFilter filter, out _);
            requests.Add(new SubscriptionRequest(filter, QoS.AtLeastOnce));
        }

        Send(w => new SubscribePacket { PacketId = ushort.MaxValue, Requests = requests }.Write(w, version));
    }

    protected void Disconnect()
    {
        Send(w => w.Write(DisconnectPacket.Normal));
        SimLink? link = _link;
        Gone();
        link?.Cut(2000);
    }

    protected void Connect()
    {
        if (_link is not null || IsOff || (_link = gateway.Connect(Receive, Closed)) is null)
            return;
        _heardMs = world.NowMs;
        Send(w => new ConnectPacket
        {
            Version = version,
            ClientId = id,
            CleanStart = !isDurable,
            KeepAliveSeconds = KeepAliveSeconds,
            UserName = gateway.Users is null ? null : id,
            Password = gateway.Users?.PasswordOf(id),
            Properties = version == ProtocolVersion.V5 ? new ConnectProperties { SessionExpirySeconds = isDurable ? 86_400u : 0 } : ConnectProperties.Default,
        }.Write(w));
    }

    private void Tick()
    {
        world.At(3000 + world.Random.Next(2000), Tick);
        if (_link is null)
            Connect();
        else if (world.NowMs - _heardMs > 40_000)
            Cut(0);
        else if (IsOn)
            Send(w => w.Write(PingPackets.PingReq));
    }

    private void Closed()
    {
        world.Tell($"{id} finds its connection closed");
        Gone();
    }

    private void Gone()
    {
        _link = null;
        IsOn = false;
    }

    private void Receive(byte[] packet)
    {
        _heardMs = world.NowMs;
        FrameReader reader = new(new ReadOnlySequence<byte>(packet), int.MaxValue, new StraddleBuffer());
        Truth.Expect(reader.TryRead(out Frame frame) == DecodeStatus.Packet, "the gateway sent no packet");
        switch (frame.Type)
        {
            case PacketType.ConnAck:
                Truth.Expect(ConnAckPacket.TryDecode(frame, version, out ConnAckPacket? connAck, out _) && (connAck.Code == 0 || gateway.Users is not null), $"{id} may not connect");
                if (connAck!.Code != 0)
                {
                    Cut(0); // it tries again
                    break;
                }

                world.Tell($"{id} is on");
                IsOn = true;
                Welcome();
                foreach ((ushort PacketId, string Topic, string Payload, bool Retain) open in _open.ToArray())
                    SendPublish(open, dup: true);
                break;
            case PacketType.Publish:
                Truth.Expect(PublishPacket.TryDecode(frame, version, out PublishView publish, out _), "a malformed PUBLISH");
                (string topic, string payload, ushort packetId, QoS qos) = (Encoding.UTF8.GetString(publish.TopicName), Encoding.UTF8.GetString(publish.Payload), publish.PacketId, publish.QoS);
                if (qos == QoS.AtLeastOnce)
                    Send(w => AckPacket.Write(w, PacketType.PubAck, version, packetId));
                Receive(topic, payload);
                break;
            case PacketType.PubAck:
                Truth.Expect(AckPacket.TryDecode(frame, version, out AckView ack, out _), "a malformed PUBACK");
                ushort acknowledged = ack.PacketId;
                int index = _open.FindIndex(o => o.PacketId == acknowledged);
                if (index < 0)
                    break;
                if (ack.Reason < ReasonCode.UnspecifiedError)
                    Acknowledged(_open[index].Payload);
                _open.RemoveAt(index);
                break;
            case PacketType.SubAck:
                Truth.Expect(SubAckPacket.TryDecode(frame, version, out SubAckPacket? subAck, out _), "a malformed SUBACK");
                Subscribed(subAck!.ReasonCodes);
                break;
        }
    }

    private void SendPublish((ushort PacketId, string Topic, string Payload, bool Retain) open, bool dup) =>
        Send(w => PublishPacket.Write(w, version, Encoding.UTF8.GetBytes(open.Topic), default, Encoding.UTF8.GetBytes(open.Payload), QoS.AtLeastOnce, open.Retain, dup, open.PacketId));

    private void Send(Action<IBufferWriter<byte>> write)
    {
        if (_link is not { } link)
            return;
        ArrayBufferWriter<byte> packet = new();
        write(packet);
        link.Send(packet.WrittenSpan.ToArray());
    }
}
