using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>A relay that takes the Packet Identifiers of before a restore for let go, and has not let the upstream know.</summary>
internal sealed class EarlyRelease : WireFault
{
    private readonly HashSet<ushort> _received = [];

    public override IEnumerable<byte[]> Up(SimStream stream, byte[] packet)
    {
        if (PacketBytes.TypeOf(packet) != PacketType.PubRel || _received.Remove(PacketBytes.PacketIdOf(packet)))
            return [packet];
        stream.Forge(PacketBytes.Ack(PacketType.PubComp, PacketBytes.PacketIdOf(packet)));
        return [];
    }

    public override IEnumerable<byte[]> Down(SimStream stream, byte[] packet)
    {
        if (PacketBytes.TypeOf(packet) == PacketType.PubRec)
            _ = _received.Add(PacketBytes.PacketIdOf(packet));
        return [packet];
    }
}
