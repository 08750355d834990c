using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Upstreams;

/// <summary>One connection of a client to a node, on the side of the node. Shares no code with the gateway but the codec.</summary>
internal sealed class UpstreamConnection(SimWorld world, SimUpstream upstream, UpstreamNode node, Action<byte[]> received, Action closed) : ISimWire
{
    private readonly PacketCutter _cutter = new();
    private readonly long _beganMs = world.NowMs;
    private readonly HashSet<ushort> _atOnce = []; // in flight on this connection (5.0, 4.9)
    private UpstreamSession? _session;
    private WillMessage? _will;
    private ProtocolVersion _version;
    private long _upAtMs;
    private long _downAtMs;
    private long _heardMs;
    private int _keepAliveMs;
    private bool _isOver; // the node has it no more
    private bool _isCut; // what the node says does not arrive

    /// <summary>Null before CONNECT.</summary>
    public string? ClientId { get; private set; }

    /// <summary>It is the gateway itself, not one that holds a Will.</summary>
    public bool IsGateway => ClientId?.Contains('/', StringComparison.Ordinal) == false;

    public void Send(byte[] bytes)
    {
        _upAtMs = Math.Max(_upAtMs, world.NowMs + 1 + world.Random.Next(20));
        world.At(_upAtMs - world.NowMs, () =>
        {
            foreach (byte[] packet in _isOver ? [] : _cutter.Cut(bytes))
                Receive(packet);
        });
    }

    public void Cut(long noticedMs)
    {
        _isCut = true;
        // What was sent before arrives first.
        _upAtMs = Math.Max(_upAtMs, world.NowMs);
        world.At(_upAtMs - world.NowMs + noticedMs, () => End(tellsWill: true));
    }

    /// <summary>The node closes the connection.</summary>
    public void Close(bool tellsWill)
    {
        if (_isOver)
            return;
        End(tellsWill);
        _downAtMs = Math.Max(_downAtMs, world.NowMs + 1 + world.Random.Next(20));
        world.At(_downAtMs - world.NowMs, () =>
        {
            if (!_isCut)
                closed();
        });
    }

    /// <summary>Commands leave as far as the window allows.</summary>
    public void Pump()
    {
        while (_session?.TryTake() is { } next)
            SendCommand(next, dup: false);
    }

    private void End(bool tellsWill)
    {
        if (_isOver)
            return;
        _isOver = true;
        node.Ended(this);
        if (tellsWill && _will is { } will)
            upstream.Publish(Encoding.UTF8.GetBytes(will.Topic), will.Payload, will.Retain, by: $"the Will of {ClientId}");
    }

    private void Watch()
    {
        if (_isOver)
            return;
        long leftMs = _heardMs + (_keepAliveMs * 3 / 2) - world.NowMs;
        if (leftMs <= 0)
            Close(tellsWill: true);
        else
            world.At(leftMs, Watch);
    }

    private void Receive(byte[] packet)
    {
        FrameReader reader = new(new ReadOnlySequence<byte>(packet), int.MaxValue, new StraddleBuffer());
        Truth.Expect(reader.TryRead(out Frame frame) == DecodeStatus.Packet, "the relay sent no packet");
        if (_isOver)
            return;
        _heardMs = world.NowMs;
        Truth.Expect((ClientId is null) == (frame.Type == PacketType.Connect), $"the relay sent {frame.Type} at the wrong time");
        _session?.IsTold = true;
        switch (frame.Type)
        {
            case PacketType.Connect: ReceiveConnect(frame); break;
            case PacketType.Publish: ReceivePublish(frame); break;
            case PacketType.Subscribe: ReceiveSubscribe(frame); break;
            case PacketType.Unsubscribe: ReceiveUnsubscribe(frame); break;
            case PacketType.PingReq: Reply(w => w.Write(PingPackets.PingResp)); break;
            case PacketType.Disconnect: End(tellsWill: false); break;
            default: ReceiveAck(frame); break;
        }
    }

    private void ReceiveConnect(in Frame frame)
    {
        Truth.Expect(ConnectPacket.TryDecode(frame, out ConnectPacket? connect, out MalformedReason reason), $"a malformed CONNECT: {reason}");
        if (connect!.Version > upstream.Kind.Version || (connect.IsBridge && upstream.Kind.RefusesBridges && connect.Version != ProtocolVersion.V5))
        {
            Reply(w => w.Write((byte[])[0x20, 2, 0, 1])); // unacceptable protocol version, as 3.1.1 says it
            Close(tellsWill: false);
            return;
        }

        (_version, _will, _keepAliveMs) = (connect.Version, connect.Will, connect.KeepAliveSeconds * 1000);
        upstream.Find(connect.ClientId)?.Close(tellsWill: true);
        ClientId = connect.ClientId;
        bool isPresent = !connect.CleanStart && node.Sessions.ContainsKey(ClientId);
        if (!isPresent)
            node.Sessions[ClientId] = new UpstreamSession();
        _session = node.Sessions[ClientId];
        if (IsGateway)
            upstream.Connected(node, isPresent, _session.IsTold);
        Reply(w => new ConnAckPacket { SessionPresent = isPresent, Properties = new ConnAckProperties { ReceiveMaximum = (ushort)upstream.Kind.ReceiveMaximum } }.Write(w, _version));
        foreach (UpstreamSession.Outgoing command in _session.Commands.Where(static c => c.PacketId != 0)) // [MQTT-4.4.0-1]
        {
            if (command.IsReleased)
                Ack(PacketType.PubRel, command.PacketId);
            else
                SendCommand(command, dup: true);
        }

        Pump();
        Watch();
    }

    private void ReceivePublish(in Frame frame)
    {
        Truth.Expect(PublishPacket.TryDecode(frame, _version, out PublishView publish, out MalformedReason wrong), $"a malformed PUBLISH of the relay: {wrong}");
        string topic = Encoding.UTF8.GetString(publish.TopicName);
        string id = SimUpstream.IdOf(publish.Payload);
        ushort packetId = publish.PacketId;
        upstream.PacketIdMax = Math.Max(upstream.PacketIdMax, packetId);
        if (publish.QoS != QoS.AtMostOnce)
            _ = _atOnce.Add(packetId);
        Truth.Expect(_version != ProtocolVersion.V5 || _atOnce.Count <= upstream.Kind.ReceiveMaximum, $"{upstream.Kind.Name} gets more than its Receive Maximum at once");
        if (publish.QoS == QoS.ExactlyOnce && _session!.Open.Contains(packetId))
        {
            Answer(PacketType.PubRec, packetId, ReasonCode.Success);
            return;
        }

        (bool closes, ReasonCode refusal) = upstream.Judge(topic, id, _version);
        if (closes)
        {
            world.Tell($"{node.Name} closes the connection for {id}");
            Close(tellsWill: true);
            return;
        }

        if (refusal != ReasonCode.Success)
            upstream.Check.Refused(id);
        else
            upstream.Arrived(topic, id, publish.QoS, publish.Retain, publish.Dup, publish.Payload);
        if (publish.QoS == QoS.AtLeastOnce)
        {
            Answer(PacketType.PubAck, packetId, refusal);
        }
        else if (publish.QoS == QoS.ExactlyOnce)
        {
            if (refusal == ReasonCode.Success)
                _ = _session!.Open.Add(packetId);
            Answer(PacketType.PubRec, packetId, refusal);
        }
    }

    // An upstream that is slow, or says PUBREC twice.
    private void Answer(PacketType type, ushort packetId, ReasonCode reason)
    {
        int delayMs = upstream.AnswerDelayMs;
        if (delayMs < 0)
            return; // it has taken it, and says nothing
        _downAtMs = Math.Max(_downAtMs, world.NowMs + delayMs);
        if (type == PacketType.PubAck || reason != ReasonCode.Success)
            _ = _atOnce.Remove(packetId);
        Ack(type, packetId, reason);
        if (type == PacketType.PubRec && reason == ReasonCode.Success && world.Chance(10))
            Ack(type, packetId);
    }

    private void ReceiveAck(in Frame frame)
    {
        PacketType type = frame.Type;
        Truth.Expect(AckPacket.TryDecode(frame, _version, out AckView ack, out MalformedReason wrong), $"a malformed {type} of the relay: {wrong}");
        ushort packetId = ack.PacketId;
        if (type == PacketType.PubRel)
        {
            bool wasOpen = _session!.Open.Remove(packetId);
            _ = _atOnce.Remove(packetId);
            if (wasOpen && world.Chance(5))
                Ack(PacketType.PubRec, packetId); // it had said so before, and says it again
            Ack(PacketType.PubComp, packetId);
            return;
        }

        if (_session!.Commands.Find(c => c.PacketId == packetId) is not { } command)
            return;
        if (ack.Reason >= ReasonCode.UnspecifiedError)
        {
            _ = _session.Commands.Remove(command);
        }
        else if (type == PacketType.PubRec)
        {
            upstream.Acknowledged(command.Publication, _beganMs);
            command.IsReleased = true;
            Ack(PacketType.PubRel, packetId);
        }
        else
        {
            upstream.Acknowledged(command.Publication, _beganMs);
            _ = _session.Commands.Remove(command);
        }

        Pump();
    }

    private void ReceiveSubscribe(in Frame frame)
    {
        Truth.Expect(SubscribePacket.TryDecode(frame, _version, out SubscribePacket? packet, out MalformedReason wrong), $"a malformed SUBSCRIBE of the relay: {wrong}");
        if (packet!.Requests.Any(r => r.Filter.Value == upstream.Kind.ClosesFor))
        {
            world.Tell($"{node.Name} closes the connection for the filter {upstream.Kind.ClosesFor}");
            Close(tellsWill: true);
            return;
        }

        foreach (SubscriptionRequest request in packet.Requests)
            _session!.Subscriptions[request.Filter.Value] = (request.QoS, packet.SubscriptionIdentifier);
        world.Tell($"{node.Name} has {ClientId} subscribed to {string.Join(", ", packet.Requests.Select(static r => r.Filter.Value))}");
        Reply(w => new SubAckPacket { PacketId = packet.PacketId, ReasonCodes = [.. packet.Requests.Select(static r => (ReasonCode)r.QoS)] }.Write(w, _version));
    }

    private void ReceiveUnsubscribe(in Frame frame)
    {
        Truth.Expect(UnsubscribePacket.TryDecode(frame, _version, out UnsubscribePacket? packet, out MalformedReason wrong), $"a malformed UNSUBSCRIBE of the relay: {wrong}");
        foreach (TopicFilter filter in packet!.Filters)
            _ = _session!.Subscriptions.Remove(filter.Value);
        Reply(w => new UnsubAckPacket { PacketId = packet.PacketId, ReasonCodes = [.. packet.Filters.Select(static _ => ReasonCode.Success)] }.Write(w, _version));
    }

    private void SendCommand(UpstreamSession.Outgoing command, bool dup)
    {
        Publication publication = command.Publication;
        uint identifier = _session!.Subscriptions.Values.FirstOrDefault(static s => s.Identifier != 0).Identifier;
        byte[] properties = _version == ProtocolVersion.V5 && identifier != 0 ? [0x0B, (byte)identifier] : [];
        Reply(w => PublishPacket.Write(w, _version, Encoding.UTF8.GetBytes(publication.Topic), properties, Encoding.UTF8.GetBytes(publication.Payload), publication.QoS, retain: false, dup, command.PacketId));
    }

    private void Ack(PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success) => Reply(w => AckPacket.Write(w, type, _version, packetId, reason));

    private void Reply(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> packet = new();
        write(packet);
        byte[] bytes = packet.WrittenSpan.ToArray();
        _downAtMs = Math.Max(_downAtMs, world.NowMs + 1 + world.Random.Next(20));
        world.At(_downAtMs - world.NowMs, () =>
        {
            if (!_isCut)
                received(bytes);
        });
    }
}
