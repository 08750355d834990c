using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>A gateway that sends no PUBREL right before a PUBLISH under the same Packet Identifier: whoever cannot be told to begin anew keeps what it has open.</summary>
internal sealed class NoReleaseFirst(SimWorld world) : PacketFault
{
    private byte[]? _kept;

    public override IEnumerable<byte[]> Down(SimLink link, byte[] packet)
    {
        byte[]? kept = _kept;
        _kept = null;
        if (PacketBytes.TypeOf(packet) != PacketType.PubRel)
            return kept is null || IsOf(packet, kept) ? [packet] : [kept, packet];
        _kept = packet;
        world.At(5, () =>
        {
            if (_kept == packet)
                link.Forge(packet);
            _kept = _kept == packet ? null : _kept;
        });
        return kept is null ? [] : [kept];
    }

    private static bool IsOf(byte[] packet, byte[] release) =>
        PacketBytes.TypeOf(packet) == PacketType.Publish && PacketBytes.QoSOf(packet) == 2 && PacketBytes.PacketIdOf(packet) == PacketBytes.PacketIdOf(release);
}
