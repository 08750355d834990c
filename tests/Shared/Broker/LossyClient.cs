using System.Buffers;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>
/// A client that keeps its Session as the specification demands, over connections that break at any moment. What it has
/// not flushed and what it has not read is lost with the connection; its Session is not.
/// </summary>
internal sealed class LossyClient(Func<TestBroker> gateway, string clientId, ProtocolVersion version, ushort receiveMaximum)
{
    private sealed record Outgoing(ushort PacketId, string Payload, QoS QoS)
    {
        public bool IsReleased { get; set; }
    }

    private readonly List<Outgoing> _unacknowledged = [];
    private readonly HashSet<ushort> _receivedQoS2 = [];
    private readonly Queue<(byte[] Packet, ushort Closes)> _outbox = new();

    // Packet Identifiers of the gateway whose flow is not over, on this connection.
    private readonly HashSet<ushort> _open = [];
    private TestClient? _connection;
    private ushort _lastPacketId;

    public List<string> Published { get; } = [];

    public List<string> Delivered { get; } = [];

    public bool IsConnected => _connection is not null;

    public bool HasUnacknowledged => _unacknowledged.Count > 0;

    public async Task ConnectAsync()
    {
        bool isFirst = _connection is null && _lastPacketId == 0 && Delivered.Count == 0;
        // Slower than two that fight for one Client Identifier, who have to wait.
        if (_connection is not null)
            gateway().Time.Advance(TimeSpan.FromSeconds(11));
        _connection = gateway().Open(version);
        ConnectProperties? properties = version == ProtocolVersion.V5 ? new ConnectProperties { SessionExpirySeconds = 3600, ReceiveMaximum = receiveMaximum } : null;
        ConnAckPacket connAck = await _connection.ConnectAsync(clientId, clean: false, properties: properties);
        Assert.IsTrue(isFirst || connAck.SessionPresent || version == ProtocolVersion.V31, "the Session is lost");
        _outbox.Clear();
        _open.Clear();
        foreach (Outgoing outgoing in _unacknowledged) // [MQTT-4.4.0-1]
        {
            if (outgoing.IsReleased)
                SendLater(PacketType.PubRel, outgoing.PacketId);
            else
                PublishLater(outgoing, dup: true);
        }
    }

    public async Task SubscribeAsync(string filter) => await _connection!.SubscribeAsync(filter, QoS.ExactlyOnce);

    /// <summary>The connection breaks, with all that is under way.</summary>
    public async Task BreakAsync()
    {
        if (_connection is { } connection)
            await connection.ResetAsync();
        _connection = null;
    }

    public void Publish(string payload, QoS qos)
    {
        do
            _lastPacketId = _lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastPacketId + 1);
        while (_unacknowledged.Exists(o => o.PacketId == _lastPacketId));
        Outgoing outgoing = new(_lastPacketId, payload, qos);
        _unacknowledged.Add(outgoing);
        Published.Add(payload);
        PublishLater(outgoing, dup: false);
    }

    /// <summary>Sends so many packets of those that wait to be sent.</summary>
    public async Task FlushAsync(int count)
    {
        while (_connection is { } connection && count-- > 0 && _outbox.TryDequeue(out (byte[] Packet, ushort Closes) next))
        {
            _ = _open.Remove(next.Closes);
            await connection.SendAsync(next.Packet);
        }
    }

    /// <summary>Handles so many packets of those that have arrived.</summary>
    public void Read(int count)
    {
        while (count-- > 0 && _connection?.TryReceiveNow() is { } packet)
            Handle(packet);
    }

    /// <summary>Waits for a packet and does all it owes.</summary>
    public async Task SettleOneAsync()
    {
        await FlushAsync(int.MaxValue);
        Handle(await _connection!.ReceiveAsync());
        await FlushAsync(int.MaxValue);
    }

    /// <summary>Does what is left to do; afterwards the gateway has nothing more to say.</summary>
    public async Task SettleAllAsync()
    {
        int unanswered = 0;
        bool hasSent = true;
        while (hasSent || unanswered > 0)
        {
            // Whatever was sent may have an answer: the PINGRESP of now comes behind it.
            if (hasSent)
            {
                await FlushAsync(int.MaxValue);
                await _connection!.SendAsync(PingPackets.PingReq.ToArray());
                unanswered++;
            }

            ReceivedPacket packet = await _connection!.ReceiveAsync();
            if (packet.Type == PacketType.PingResp)
                unanswered--;
            Handle(packet);
            hasSent = _outbox.Count > 0;
        }
    }

    private void Handle(ReceivedPacket packet)
    {
        if (packet.Type == PacketType.Publish)
            HandlePublish(ReceivedPublish.From(packet, version));
        else if (packet.Type != PacketType.PingResp)
            HandleAck(packet.Type, ReceivedAck.From(packet, packet.Type, version));
    }

    private void HandlePublish(ReceivedPublish publish)
    {
        Assert.IsTrue(_open.Add(publish.PacketId), $"{publish} has the Packet Identifier of a flow that is not over");
        if (version == ProtocolVersion.V5)
            Assert.IsLessThanOrEqualTo(receiveMaximum, _open.Count, "more in flight than the Receive Maximum"); // [MQTT-3.3.4-9]
        if (publish.QoS == QoS.AtLeastOnce)
        {
            Delivered.Add(publish.Payload);
            SendLater(PacketType.PubAck, publish.PacketId, closes: publish.PacketId);
            return;
        }

        Assert.AreEqual(QoS.ExactlyOnce, publish.QoS);
        if (_receivedQoS2.Add(publish.PacketId))
            Delivered.Add(publish.Payload);
        else
            Assert.IsTrue(publish.Dup, $"{publish} is a new message with an identifier that was not released");
        SendLater(PacketType.PubRec, publish.PacketId);
    }

    private void HandleAck(PacketType type, ReceivedAck ack)
    {
        // An identifier that is over already is no error when a flow is taken up again (5.0, 3.7.2.1).
        Assert.IsTrue(ack.Reason is < ReasonCode.UnspecifiedError or ReasonCode.PacketIdentifierNotFound, $"{type} says {ack.Reason}");
        Outgoing? outgoing = _unacknowledged.Find(o => o.PacketId == ack.PacketId);
        switch (type)
        {
            case PacketType.PubAck or PacketType.PubComp:
                if (outgoing is not null)
                    _ = _unacknowledged.Remove(outgoing);
                break;
            case PacketType.PubRec:
                Assert.IsNotNull(outgoing, "PUBREC for a message that is over");
                outgoing.IsReleased = true;
                SendLater(PacketType.PubRel, ack.PacketId);
                break;
            case PacketType.PubRel:
                _ = _receivedQoS2.Remove(ack.PacketId);
                _ = _open.Add(ack.PacketId);
                SendLater(PacketType.PubComp, ack.PacketId, closes: ack.PacketId);
                break;
            default:
                Assert.Fail($"unexpected {type}");
                break;
        }
    }

    private void PublishLater(Outgoing outgoing, bool dup)
    {
        ArrayBufferWriter<byte> packet = new();
        PublishPacket.Write(packet, version, "t"u8, default, System.Text.Encoding.UTF8.GetBytes(outgoing.Payload), outgoing.QoS, retain: false, dup, outgoing.PacketId);
        _outbox.Enqueue((packet.WrittenSpan.ToArray(), 0));
    }

    private void SendLater(PacketType type, ushort packetId, ushort closes = 0)
    {
        ArrayBufferWriter<byte> packet = new();
        AckPacket.Write(packet, type, version, packetId);
        _outbox.Enqueue((packet.WrittenSpan.ToArray(), closes));
    }
}
