using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>Stands between the relay and one upstream, over all their connections, and makes of the packets what a wrong relay would.</summary>
internal abstract class WireFault
{
    /// <summary>A packet that the relay sends.</summary>
    public virtual IEnumerable<byte[]> Up(SimStream stream, byte[] packet) => [packet];

    /// <summary>A packet that the upstream has sent.</summary>
    public virtual IEnumerable<byte[]> Down(SimStream stream, byte[] packet) => [packet];

    /// <summary>The relay closes the connection.</summary>
    public virtual void Ending(SimStream stream)
    {
    }
}
