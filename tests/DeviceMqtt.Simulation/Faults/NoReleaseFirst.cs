using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>A gateway that sends no PUBREL but where PUBREC came: whoever cannot be told to begin anew keeps what it has open.</summary>
internal sealed class NoReleaseFirst : PacketFault
{
    private readonly HashSet<ushort> _received = [];

    public override IEnumerable<byte[]> Up(SimLink link, List<byte[]> packets)
    {
        foreach (byte[] packet in packets)
            if (PacketBytes.TypeOf(packet) == PacketType.PubRec)
                _ = _received.Add(PacketBytes.PacketIdOf(packet));
        return packets;
    }

    public override IEnumerable<byte[]> Down(SimLink link, byte[] packet) =>
        PacketBytes.TypeOf(packet) == PacketType.PubRel && !_received.Remove(PacketBytes.PacketIdOf(packet)) ? [] : [packet];
}
