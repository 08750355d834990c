using DeviceMqtt.Journal;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>Says that the folder is there, whether it is or not.</summary>
internal sealed class BlindDisk(SimWorld world, MemoryStorage memory) : SimDisk(world, memory)
{
    public override bool IsInPlace(string name, IJournalFile file) => true;
}
