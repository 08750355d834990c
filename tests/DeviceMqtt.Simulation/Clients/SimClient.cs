using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Clients;

/// <summary>A client that does what the specification asks of it, whatever happens to its connections.</summary>
internal sealed partial class SimClient(ClientKind kind, SimWorld world, SimGateway gateway, Truth truth)
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
    private readonly Window _window = new(world, kind);
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
    private bool _owesPresence;

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

    public bool IsSettled => IsOn && _open.Count == 0 && !_owesPresence && _isSubscribed && Keeper is not { IsSettled: false } && Wanderer is not { IsSettled: false };

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
            Properties = Kind.Version == ProtocolVersion.V5 ? new ConnectProperties { SessionExpirySeconds = (uint)expiry, ReceiveMaximum = Kind.ReceiveMaximum } : ConnectProperties.Default,
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
        if (!IsOn || _open.Count >= (qos == QoS.AtMostOnce ? OpenMax : Math.Min(OpenMax, _window.SendMax)))
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
            SayPresence();
            Keeper?.Tick();
            Wanderer?.Tick();
        }
    }

    // What it may send at once may be used up.
    private void SayPresence()
    {
        int before = _published;
        if (_owesPresence)
            Publish(Presence, QoS.AtLeastOnce, retain: true);
        _owesPresence &= before == _published;
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

    // Not at once where it is slow, and in the order in which they came [MQTT-4.6.0-2].
    private void Answer(PacketType type, ushort packetId)
    {
        SimLink? link = _link;
        _window.Answer(() =>
        {
            if (link is null || link != _link)
                return;
            if (type != PacketType.PubRec)
                _window.Done(packetId);
            SendAck(type, packetId);
        });
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
