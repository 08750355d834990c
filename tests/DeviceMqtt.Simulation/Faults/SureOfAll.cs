using System.Text;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>Says of each time that it is sure.</summary>
internal sealed class SureOfAll : WireFault
{
    public override IEnumerable<byte[]> Up(SimStream stream, byte[] packet) =>
        [Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(packet).Replace("\"q\":2", "\"q\":1", StringComparison.Ordinal))];
}
