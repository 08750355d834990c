using System.Runtime.CompilerServices;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>A gateway that is wrong in who gets what: another client, another topic, other contents, or nothing.</summary>
internal sealed class WrongRoutes(SimWorld world, string wrong) : PacketFault
{
    private const int LargeBytes = 10_000;
    private static readonly ConditionalWeakTable<SimWorld, List<WrongRoutes>> All = new();
    private readonly List<byte[]> _answers = [];
    private SimLink? _link;
    private bool _isV5;
    private bool _isClean;
    private bool _isOn;

    public override IEnumerable<byte[]> Up(SimLink link, List<byte[]> packets)
    {
        List<byte[]> passed = [.. packets.Where(p => !IsTaken(link, p)), .. _answers];
        _answers.Clear();
        return passed;
    }

    public override IEnumerable<byte[]> Down(SimLink link, byte[] packet)
    {
        PacketType type = PacketBytes.TypeOf(packet);
        _isOn |= type == PacketType.ConnAck;
        if (type != PacketType.Publish)
            return [packet];
        switch (wrong)
        {
            case "sends a PUBLISH to another client" when PacketBytes.QoSOf(packet) == 0 && world.Chance(5):
                WrongRoutes[] others = [.. All.GetOrCreateValue(world).Where(o => o != this && o._isOn && o._isV5 == _isV5 && !o._link!.IsOver)];
                if (others.Length == 0)
                    return [packet];
                others[world.Random.Next(others.Length)]._link!.Forge(packet);
                return [];
            case "sends under another topic" when PacketBytes.TopicOf(packet).StartsWith("t/", StringComparison.Ordinal) && world.Chance(5):
                byte[] other = [.. packet];
                other[PacketBytes.StartOf(packet) + 1 + PacketBytes.TopicOf(packet).Length] ^= 1; // the last digit of the topic
                return [other];
            case "changes a byte of a large payload" when packet.Length > LargeBytes:
                byte[] changed = [.. packet];
                changed[^LargeBytes] ^= 1;
                return [changed];
            case "cuts a large payload" when packet.Length > LargeBytes:
                return [Cut(packet)];
            case "loses a PUBLISH to a clean Session" when _isClean && PacketBytes.QoSOf(packet) == 1 && world.Chance(20):
                _answers.Add(PacketBytes.Ack(PacketType.PubAck, PacketBytes.PacketIdOf(packet)));
                return [];
            default:
                return [packet];
        }
    }

    // Whether the gateway does not get the packet.
    private bool IsTaken(SimLink link, byte[] packet)
    {
        PacketType type = PacketBytes.TypeOf(packet);
        if (type == PacketType.Connect)
        {
            int nameBytes = packet[PacketBytes.StartOf(packet) + 1];
            int version = PacketBytes.StartOf(packet) + 2 + nameBytes;
            (_link, _isV5, _isClean) = (link, packet[version] == (byte)ProtocolVersion.V5, (packet[version + 1] & 2) != 0);
            List<WrongRoutes> all = All.GetOrCreateValue(world);
            _ = all.RemoveAll(static o => o._link!.IsOver);
            all.Add(this);
        }

        if (wrong == "adds a day to what a PUBLISH has to live" && type == PacketType.Publish && _isV5)
        {
            int properties = PacketBytes.StartOf(packet) + 2 + PacketBytes.TopicOf(packet).Length + (PacketBytes.QoSOf(packet) > 0 ? 2 : 0);
            if (packet[properties] >= 5 && packet[properties + 1] == (byte)PropertyId.MessageExpiryInterval)
                packet[properties + 3] |= 1; // 65,536 seconds
        }

        if (type != PacketType.Unsubscribe || wrong != "takes UNSUBSCRIBE for PINGREQ")
            return false;
        int id = PacketBytes.StartOf(packet);
        link.Forge(_isV5 ? [0xB0, 4, packet[id], packet[id + 1], 0, 0] : [0xB0, 2, packet[id], packet[id + 1]]);
        return true;
    }

    private static byte[] Cut(byte[] packet)
    {
        byte[] body = packet[PacketBytes.StartOf(packet)..^LargeBytes];
        byte[] length = new byte[4];
        int lengthBytes = VariableByteInteger.Write(length, body.Length);
        return [packet[0], .. length[..lengthBytes], .. body];
    }
}
