using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Clients;

/// <summary>A client that does what the specification asks of it, whatever happens to its connections.</summary>
internal sealed class SimClient(ClientKind kind, SimWorld world, SimGateway gateway, Truth truth)
{
    public const ushort KeepAliveSeconds = 20;
    private const uint MessageExpirySeconds = 3600;
    private const int PacketIdMax = 25; // small, so that identifiers come round
    private const int OpenMax = 20;

    private sealed class Outgoing(Publication publication, ushort packetId, bool retain)
    {
        public Publication Publication { get; } = publication;
        public ushort PacketId { get; } = packetId;
        public bool Retain { get; } = retain;
        public bool IsReleased { get; set; }
    }

    private readonly Arrival _arrival = new(world, truth, kind);
    private readonly List<Outgoing> _open = [];
    private readonly HashSet<ushort> _received = [];
    private readonly Dictionary<string, string> _retained = [];
    private SimLink? _link;
    private ushort _lastPacketId;
    private int _published;
    private bool _hadSession;
    private bool _isSubscribed;
    private long _pingSentMs;
    private bool _wantsToBeOn = true;

    public ClientKind Kind { get; } = kind;

    /// <summary>Asks for what is retained; null for most.</summary>
    public Keeper? Keeper { get; set; }

    /// <summary>Has a subscription at times; null for most.</summary>
    public Wanderer? Wanderer { get; set; }

    public bool IsOn { get; private set; }

    /// <summary>Its gateway was restored, and may tell it to begin anew.</summary>
    public bool MayLoseSession { get; set; }

    public bool IsSubscribed => _isSubscribed;

    private string Presence => $"presence/{Kind.Id}";

    public bool IsSettled => IsOn && _open.Count == 0 && _isSubscribed && Keeper is not { IsSettled: false } && Wanderer is not { IsSettled: false };

    /// <summary>When the last PINGRESP came.</summary>
    public long PingResponseMs { get; private set; }

    /// <summary>Numbers of retained messages by topic: the last acknowledged, and the last sent.</summary>
    public Dictionary<string, (int Acknowledged, int Sent)> RetainedSent { get; } = [];

    /// <summary>What came with RETAIN set, by topic.</summary>
    public IReadOnlyDictionary<string, string> Retained => _retained;

    public void Start() => world.At(world.Random.Next(2000), Tick);

    public void Connect()
    {
        if (_link is not null || !_wantsToBeOn || (_link = gateway.Connect(Receive, Closed)) is null)
            return;
        world.Tell($"{Kind.Id} connects");
        _pingSentMs = 0;
        long expiry = Kind.IsDurable ? 3600 * 24 : 0;
        Send(w => new ConnectPacket
        {
            Version = Kind.Version,
            ClientId = Kind.Id,
            CleanStart = !Kind.IsDurable,
            KeepAliveSeconds = KeepAliveSeconds,
            Will = new WillMessage { Topic = Presence, Payload = "0"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true, Properties = new WillProperties { DelaySeconds = Kind.WillDelaySeconds } },
            Properties = Kind.Version == ProtocolVersion.V5 ? new ConnectProperties { SessionExpirySeconds = (uint)expiry, ReceiveMaximum = 5 } : ConnectProperties.Default,
        }.Write(w));
        SimLink link = _link;
        world.At(15_000, () =>
        {
            if (link == _link && !IsOn)
                Cut(0);
        });
    }

    /// <summary>The connection breaks.</summary>
    public void Cut(long noticedMs)
    {
        if (_link is not { } link)
            return;
        world.Tell($"{Kind.Id} is cut off");
        link.Cut(noticedMs);
        Gone();
    }

    /// <summary>The client goes for good, without a word.</summary>
    public void Vanish()
    {
        _wantsToBeOn = false;
        Cut(world.Chance(50) ? 500 : 1_000_000);
    }

    /// <summary>Another connection of the same client takes over.</summary>
    public void TakeOver()
    {
        if (!IsOn)
            return;
        world.Tell($"{Kind.Id} takes over from itself");
        _link!.Cut(60_000);
        Gone();
        Connect();
    }

    /// <param name="awayMs">It does not come back before that.</param>
    public void Leave(long awayMs = 0)
    {
        if (!IsOn)
            return;
        _wantsToBeOn = false;
        world.At(awayMs, () => _wantsToBeOn = true);
        world.Tell($"{Kind.Id} says goodbye");
        Send(w => w.Write(DisconnectPacket.Normal));
        SimLink link = _link!;
        Gone();
        link.Cut(2000);
    }

    /// <param name="topic">To which.</param>
    /// <param name="qos">At which.</param>
    /// <param name="retain">With RETAIN.</param>
    /// <param name="padding">Characters behind its id.</param>
    /// <param name="expirySeconds">5.0 alone can say it; 0 for longer than any run.</param>
    /// <param name="says">What others say as well; null for its id.</param>
    public void Publish(string topic, QoS qos, bool retain, int padding = 0, int expirySeconds = 0, string? says = null)
    {
        if (!IsOn || _open.Count >= OpenMax)
            return;
        int number = ++_published;
        Publication publication = new(Kind.Id, Kind.IsDurable, number, topic, qos, world.NowMs)
        {
            Padding = padding,
            ExpirySeconds = Kind.Version == ProtocolVersion.V5 ? expirySeconds : 0,
            Payload = says ?? $"{Kind.Id}:{number}",
        };
        truth.Published(publication);
        if (retain)
            RetainedSent[topic] = (RetainedSent.GetValueOrDefault(topic).Acknowledged, publication.Number);
        Outgoing outgoing = new(publication, qos == QoS.AtMostOnce ? (ushort)0 : NextPacketId(), retain);
        if (qos != QoS.AtMostOnce)
            _open.Add(outgoing);
        SendPublish(outgoing, dup: false);
    }

    public void Ping() => Send(w => w.Write(PingPackets.PingReq));

    private void Tick()
    {
        world.At(3000 + world.Random.Next(2000), Tick);
        if (_link is null)
        {
            Connect();
        }
        else if (IsOn)
        {
            if (_pingSentMs != 0 && world.NowMs - Math.Max(_pingSentMs, PingResponseMs) > 60_000)
            {
                Cut(0);
                return;
            }

            if (_pingSentMs <= PingResponseMs)
                _pingSentMs = world.NowMs;
            Ping();
            Keeper?.Tick();
            Wanderer?.Tick();
        }
    }

    private ushort NextPacketId()
    {
        do
            _lastPacketId = (ushort)((_lastPacketId % PacketIdMax) + 1);
        while (_open.Exists(o => o.PacketId == _lastPacketId));
        return _lastPacketId;
    }

    private void Closed()
    {
        world.Tell($"{Kind.Id} finds its connection closed");
        Gone();
    }

    private void Gone()
    {
        _link = null;
        IsOn = false;
        if (!Kind.IsDurable)
            truth.Subscriptions.EndedAll(_arrival.Owner);
    }

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
        Publish(Presence, QoS.AtLeastOnce, retain: true);
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
        if (publish.QoS == QoS.AtLeastOnce)
            SendAck(PacketType.PubAck, publish.PacketId);
        else if (publish.QoS == QoS.ExactlyOnce)
            SendAck(PacketType.PubRec, publish.PacketId);
    }

    private void ReceiveAck(in Frame frame)
    {
        PacketType type = frame.Type;
        Truth.Expect(AckPacket.TryDecode(frame, Kind.Version, out AckView ack, out MalformedReason wrong), $"a malformed {type}: {wrong}");
        ushort packetId = ack.PacketId;
        if (type == PacketType.PubRel)
        {
            _ = _received.Remove(packetId);
            SendAck(PacketType.PubComp, packetId);
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
                world.At(3000, () => Publish(Presence, QoS.AtLeastOnce, retain: true));
        }
    }

    private void Acknowledged(Outgoing outgoing)
    {
        truth.AcknowledgedBy(outgoing.Publication);
        if (outgoing.Retain)
            RetainedSent[outgoing.Publication.Topic] = (outgoing.Publication.Number, RetainedSent[outgoing.Publication.Topic].Sent);
    }

    private void SendPublish(Outgoing outgoing, bool dup)
    {
        string payload = Payloads.Of(outgoing.Publication.Payload, outgoing.Publication.Padding);
        // Mostly longer than any run: only a clock that is believed can end it.
        PropertyWriter properties = new();
        if (Kind.Version == ProtocolVersion.V5)
            properties.Add(PropertyId.MessageExpiryInterval, outgoing.Publication.ExpirySeconds > 0 ? (uint)outgoing.Publication.ExpirySeconds : MessageExpirySeconds);
        Send(w => PublishPacket.Write(w, Kind.Version, Encoding.UTF8.GetBytes(outgoing.Publication.Topic), properties.Written, Encoding.UTF8.GetBytes(payload), outgoing.Publication.QoS, outgoing.Retain, dup, outgoing.PacketId));
    }

    private void SendAck(PacketType type, ushort packetId) => Send(w => AckPacket.Write(w, type, Kind.Version, packetId));

    public void Send(Action<IBufferWriter<byte>> write)
    {
        if (_link is not { } link)
            return;
        ArrayBufferWriter<byte> packet = new();
        write(packet);
        link.Send(packet.WrittenSpan.ToArray());
    }

    private void Tell(string what) => world.Tell($"{Kind.Id} {what}");
}
