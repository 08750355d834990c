using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>What a gateway that is wrong about the end of a connection would make of what has come last on it.</summary>
internal sealed class WrongTakeOvers(string wrong) : PacketFault
{
    public override IEnumerable<byte[]> Up(SimLink link, List<byte[]> packets) => wrong switch
    {
        "does not read a DISCONNECT" => packets.Where(static p => PacketBytes.TypeOf(p) != PacketType.Disconnect),
        "takes the last message for a goodbye" when packets.Exists(static p => PacketBytes.TypeOf(p) == PacketType.Publish) => [.. packets, [0xE0, 0]],
        "passes over a QoS 0 message" => packets.Where(static p => PacketBytes.TypeOf(p) != PacketType.Publish || PacketBytes.QoSOf(p) != 0),
        _ => packets,
    };
}
