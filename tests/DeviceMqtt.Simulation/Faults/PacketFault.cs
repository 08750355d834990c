using System.IO.Pipelines;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>Stands between the gateway and one client, and makes of the gateway's packets what a wrong gateway would.</summary>
internal abstract class PacketFault
{
    public virtual IEnumerable<byte[]> Up(SimLink link, List<byte[]> packets) => packets;

    public virtual IEnumerable<byte[]> Down(SimLink link, byte[] packet) => [packet];

    public virtual void Ending(PipeWriter toGateway)
    {
    }
}
