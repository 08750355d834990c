using System.Buffers;
using System.Globalization;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Upstreams;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>What a relay that is wrong in one respect would do with the packets from and to its upstream.</summary>
internal sealed class WrongRelay(SimWorld world, string wrong) : WireFault
{
    private const ushort FakeId = 60_000;
    private readonly Dictionary<ushort, byte[]> _unanswered = [];
    private readonly HashSet<ushort> _received = [];
    private readonly HashSet<ushort> _commands = [];
    private readonly HashSet<SimStream> _isGateway = [];
    private byte[]? _kept;
    private byte[]? _poison;
    private ProtocolVersion _version;
    private int _connections;
    private bool _isBegin;

    public override IEnumerable<byte[]> Up(SimStream stream, byte[] packet)
    {
        PacketType type = PacketBytes.TypeOf(packet);
        if (type == PacketType.Connect)
            return [Connect(stream, packet)];
        if (!_isGateway.Contains(stream))
            return [packet];
        bool isPublish = type == PacketType.Publish && PacketBytes.QoSOf(packet) > 0;
        bool isPresence = isPublish && PacketBytes.TopicOf(packet).StartsWith("presence/", StringComparison.Ordinal);
        if (isPublish && !isPresence)
            _unanswered[PacketBytes.PacketIdOf(packet)] = packet;
        switch (wrong)
        {
            case "forgets PUBREL" when type == PacketType.PubRel && world.Chance(20):
                stream.Forge(PacketBytes.Ack(PacketType.PubComp, PacketBytes.PacketIdOf(packet)));
                return [];
            case "acknowledges to itself" when isPublish && !isPresence && PacketBytes.QoSOf(packet) == 1 && world.Chance(3):
                stream.Forge(PacketBytes.Ack(PacketType.PubAck, PacketBytes.PacketIdOf(packet)));
                return [];
            case "sends QoS 2 twice" when isPublish && PacketBytes.QoSOf(packet) == 2 && world.Chance(5):
                return [packet, PacketBytes.WithPacketId(packet, FakeId)];
            case "clears RETAIN" when isPresence:
                return [[(byte)(packet[0] & 0xFE), .. packet[1..]]];
            case "does not say that it is back" when isPresence && _connections > 1 && PacketBytes.TopicOf(packet).StartsWith("presence/gw", StringComparison.Ordinal):
                stream.Forge(PacketBytes.Ack(PacketType.PubAck, PacketBytes.PacketIdOf(packet)));
                return [];
            case "stops without a goodbye" when isPresence && PacketBytes.TopicOf(packet).StartsWith("presence/gw", StringComparison.Ordinal) && packet.AsSpan().EndsWith("false"u8):
                stream.Forge(PacketBytes.Ack(PacketType.PubAck, PacketBytes.PacketIdOf(packet)));
                return [];
            case "does not subscribe anew" when type == PacketType.Subscribe && _connections > 1:
                return [];
            case "sends in the wrong order at a reconnect" when isPublish && !isPresence:
                return OutOfOrder(stream, packet);
            case "acknowledges commands at once" when type is PacketType.PubAck && _commands.Remove(PacketBytes.PacketIdOf(packet)):
                return [];
            case "acknowledges commands without room" when type is PacketType.PubAck:
                _ = _commands.Remove(PacketBytes.PacketIdOf(packet));
                return [packet];
            default:
                return [packet];
        }
    }

    public override IEnumerable<byte[]> Down(SimStream stream, byte[] packet)
    {
        PacketType type = PacketBytes.TypeOf(packet);
        if (!_isGateway.Contains(stream))
            return [packet];
        ushort packetId = type is PacketType.PubAck or PacketType.PubRec or PacketType.PubComp || (type == PacketType.Publish && PacketBytes.QoSOf(packet) > 0) ? PacketBytes.PacketIdOf(packet) : (ushort)0;
        if (type is PacketType.PubAck or PacketType.PubRec)
            _ = _unanswered.Remove(packetId);
        if (packetId == FakeId)
            return FakeAnswer(stream, type);
        switch (wrong)
        {
            case "takes each Session for its own" when type == PacketType.ConnAck && packet[PacketBytes.StartOf(packet) + 1] == 0:
                packet[PacketBytes.StartOf(packet)] = 1;
                return [packet];
            case "takes a second PUBREC for an error" when type == PacketType.PubRec && !_received.Add(packetId):
                stream.Reset();
                return [];
            case "takes a second PUBREC for an error" when type == PacketType.PubComp:
                _ = _received.Remove(packetId);
                return [packet];
            case "never sets poison aside" when type == PacketType.ConnAck && _poison is not null:
                world.At(50, () => stream.ForgeUp(_poison));
                return [packet];
            case "does not mind the Receive Maximum" when type == PacketType.ConnAck && packet.Length > 4:
                return [[0x20, 3, packet[PacketBytes.StartOf(packet)], packet[PacketBytes.StartOf(packet) + 1], 0]];
            case "takes a refusal for an acknowledgement" when type is PacketType.PubAck && packet.Length > 4:
                return [PacketBytes.Ack(type, packetId)];
            case "acknowledges commands at once" when type == PacketType.Publish && PacketBytes.QoSOf(packet) == 1:
                _ = _commands.Add(packetId);
                stream.ForgeUp(PacketBytes.Ack(PacketType.PubAck, packetId));
                return [packet];
            case "takes commands that have waited for fresh" when _version == ProtocolVersion.V5 && packetId != 0 && type == PacketType.Publish && TtlOf(packet) is > 0 and int seconds:
                return [PacketBytes.WithExpiry(packet, seconds)]; // what says how long it still has is as good as it says
            case "acknowledges commands without room" when type == PacketType.Publish && PacketBytes.QoSOf(packet) == 1:
                _ = _commands.Add(packetId);
                world.At(300, () =>
                {
                    if (_commands.Remove(packetId) && !stream.IsOver)
                        stream.ForgeUp(PacketBytes.Ack(PacketType.PubAck, packetId));
                });
                return [packet];
            default:
                return [packet];
        }
    }

    public override void Ending(SimStream stream)
    {
        if (!_isGateway.Remove(stream))
            return;
        // What was sent alone, and the upstream ended the connection for, is what a right relay sets aside.
        if (wrong == "never sets poison aside" && stream.IsEndedThere && _unanswered.Count == 1 && SimUpstream.IsPoison(_unanswered.Values.Single()))
            _poison ??= _unanswered.Values.Single();
        _unanswered.Clear();
        _received.Clear();
        _kept = null;
    }

    private byte[] Connect(SimStream stream, byte[] packet)
    {
        FrameReader reader = new(new ReadOnlySequence<byte>(packet), int.MaxValue, new StraddleBuffer());
        _ = reader.TryRead(out Frame frame);
        if (!ConnectPacket.TryDecode(frame, out ConnectPacket? connect, out _) || connect.ClientId.Contains('/', StringComparison.Ordinal))
            return packet;
        _ = _isGateway.Add(stream);
        _connections++;
        _isBegin = true;
        _version = connect.Version;
        if (wrong != "has no Will")
            return packet;
        ArrayBufferWriter<byte> without = new();
        new ConnectPacket
        {
            Version = connect.Version,
            IsBridge = connect.IsBridge,
            ClientId = connect.ClientId,
            CleanStart = connect.CleanStart,
            KeepAliveSeconds = connect.KeepAliveSeconds,
            Properties = connect.Properties,
        }.Write(without);
        return without.WrittenSpan.ToArray();
    }

    private IEnumerable<byte[]> OutOfOrder(SimStream stream, byte[] packet)
    {
        if (_kept is { } kept)
        {
            if (PacketBytes.TopicOf(kept) != PacketBytes.TopicOf(packet))
                return [packet];
            _kept = null;
            return [packet, kept];
        }

        if (!_isBegin)
            return [packet];
        _isBegin = false;
        _kept = packet;
        world.At(2000, () =>
        {
            if (_kept == packet && !stream.IsOver)
                stream.ForgeUp(packet);
            _kept = _kept == packet ? null : _kept;
        });
        return [];
    }

    private static int TtlOf(byte[] publish)
    {
        string[] parts = Encoding.Latin1.GetString(publish).Split("\"ttl\":");
        return parts.Length < 2 ? 0 : int.Parse(parts[1].TrimEnd('}'), CultureInfo.InvariantCulture);
    }

    private static IEnumerable<byte[]> FakeAnswer(SimStream stream, PacketType type)
    {
        if (type == PacketType.PubRec)
            stream.ForgeUp(PacketBytes.Ack(PacketType.PubRel, FakeId));
        return [];
    }
}
