using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;

namespace DeviceMqtt.Simulation.Clients;

// What comes from the gateway.
internal sealed partial class SimClient
{
    private void Receive(byte[] packet)
    {
        FrameReader reader = new(new ReadOnlySequence<byte>(packet), int.MaxValue, new StraddleBuffer());
        Truth.Expect(reader.TryRead(out Frame frame) == DecodeStatus.Packet, "the gateway sent no packet");
        switch (frame.Type)
        {
            case PacketType.ConnAck: ReceiveConnAck(frame); break;
            case PacketType.Publish: ReceivePublish(frame); break;
            case PacketType.SubAck when Keeper is { } keeper: keeper.Subscribed(frame); break;
            case PacketType.SubAck when Wanderer is { } wanderer: wanderer.Subscribed(frame); break;
            case PacketType.SubAck: ReceiveSubAck(frame); break;
            case PacketType.UnsubAck when Wanderer is { } wanderer: wanderer.Unsubscribed(frame); break;
            case PacketType.UnsubAck: Keeper?.Unsubscribed(frame); break;
            case PacketType.PingResp: PingResponseMs = world.NowMs; break;
            case PacketType.Disconnect: Tell("is told to go"); break;
            default: ReceiveAck(frame); break;
        }
    }

    private void ReceiveConnAck(in Frame frame)
    {
        Truth.Expect(ConnAckPacket.TryDecode(frame, Kind.Version, out ConnAckPacket? packet, out _), "a malformed CONNACK");
        if (packet!.Code != 0)
        {
            Cut(0);
            return;
        }

        Tell(packet.SessionPresent ? "is on again" : "is on");
        if (Kind.IsDurable && _hadSession && Kind.Version != ProtocolVersion.V31)
            Truth.Expect(packet.SessionPresent || MayLoseSession, $"the Session of {Kind.Id} is lost");
        bool hasLostSession = Kind.IsDurable && _hadSession && !packet.SessionPresent && Kind.Version != ProtocolVersion.V31;
        _hadSession = true;
        IsOn = true;
        _window.Begin(packet.Properties?.ReceiveMaximum ?? ushort.MaxValue);
        if (hasLostSession)
        {
            // [MQTT-3.2.2-5]: what is not acknowledged is published once more.
            truth.BeganAnew(Kind.Id);
            _received.Clear();
            _ = _open.RemoveAll(static o => o.IsReleased);
            _isSubscribed = false;
        }

        if (!Kind.IsDurable)
        {
            _open.Clear();
            _received.Clear();
            _isSubscribed = false;
        }

        if (Kind.IsDevice && Kind.IsDurable)
            truth.Subscribed(Kind.Id, $"dm/p2p/{Kind.Id}");
        foreach (Outgoing outgoing in _open) // [MQTT-4.4.0-1]
        {
            if (outgoing.IsReleased)
                SendAck(PacketType.PubRel, outgoing.PacketId);
            else
                SendPublish(outgoing, dup: !hasLostSession);
        }

        _isSubscribed |= Kind.Filters.Length == 0;
        if (!_isSubscribed)
            Subscribe();
        Keeper?.Connected();
        Wanderer?.Connected();
        _owesPresence = true;
        SayPresence();
    }

    private void Subscribe()
    {
        List<SubscriptionRequest> requests = [];
        foreach (string text in Kind.Filters)
        {
            _ = TopicFilter.TryParse(Kind.Group.Length > 0 ? $"$share/{Kind.Group}/{text}" : text, out TopicFilter filter, out _);
            requests.Add(new SubscriptionRequest(filter, Kind.SubscribesAt));
            truth.Subscriptions.Asked(_arrival.Owner, text, Kind.IsDurable);
        }

        Send(w => new SubscribePacket { PacketId = ushort.MaxValue, Requests = requests }.Write(w, Kind.Version));
    }

    private void ReceiveSubAck(in Frame frame)
    {
        Truth.Expect(SubAckPacket.TryDecode(frame, Kind.Version, out SubAckPacket? packet, out _), "a malformed SUBACK");
        if (packet!.ReasonCodes.Any(static c => c >= ReasonCode.UnspecifiedError))
        {
            Tell("may not subscribe now");
            world.At(2000, () =>
            {
                if (IsOn && !_isSubscribed)
                    Subscribe();
            });
            return;
        }

        _isSubscribed = true;
        Tell("is subscribed");
        foreach (string filter in Kind.Filters)
            truth.Subscriptions.Granted(_arrival.Owner, filter);
    }

    private void ReceivePublish(in Frame frame)
    {
        Truth.Expect(PublishPacket.TryDecode(frame, Kind.Version, out PublishView publish, out MalformedReason reason), $"a malformed PUBLISH: {reason}");
        string topic = Encoding.UTF8.GetString(publish.TopicName);
        string payload = Encoding.UTF8.GetString(publish.Payload);
        string id = Payloads.IdOf(payload);
        bool isNew = publish.QoS != QoS.ExactlyOnce || _received.Add(publish.PacketId);
        _arrival.Check(topic, payload, publish.Retain, publish.Dup);
        Keeper?.Got(topic, id, publish.QoS, publish.Retain, isNew);
        if (publish.Retain)
            _retained[topic] = id;
        else if (isNew && !topic.StartsWith('$') && !topic.StartsWith("presence", StringComparison.Ordinal))
            truth.DeliveredTo(_arrival.Owner, Kind.Group.Length > 0, id, publish.QoS, Kind.IsDurable);
        if (publish.QoS == QoS.AtMostOnce)
            return;
        _window.Got(publish.PacketId);
        Answer(publish.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, publish.PacketId);
    }

    private void ReceiveAck(in Frame frame)
    {
        PacketType type = frame.Type;
        Truth.Expect(AckPacket.TryDecode(frame, Kind.Version, out AckView ack, out MalformedReason wrong), $"a malformed {type}: {wrong}");
        ushort packetId = ack.PacketId;
        if (type == PacketType.PubRel)
        {
            _ = _received.Remove(packetId);
            Answer(PacketType.PubComp, packetId);
            return;
        }

        if (_open.Find(o => o.PacketId == packetId) is not { } outgoing)
            return;
        bool isRefused = ack.Reason >= ReasonCode.UnspecifiedError;
        if (!isRefused && !outgoing.Publication.IsAcknowledged && ack.Reason != ReasonCode.NoMatchingSubscribers)
            Acknowledged(outgoing);
        if (type == PacketType.PubRec && !isRefused)
        {
            outgoing.IsReleased = true;
            SendAck(PacketType.PubRel, packetId);
        }
        else
        {
            _ = _open.Remove(outgoing);
            // No room: who it is goes on being told, the rest is the application's business.
            if (isRefused && outgoing.Publication.Topic == Presence)
                world.At(3000, () => _owesPresence = true);
            SayPresence();
        }
    }
}
