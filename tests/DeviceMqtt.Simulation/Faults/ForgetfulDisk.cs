using DeviceMqtt.Custody;
using DeviceMqtt.Journal;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>A gateway that removes the mark of a restore when it reads it.</summary>
internal sealed class ForgetfulDisk(SimWorld world, MemoryStorage memory) : SimDisk(world, memory)
{
    public override IJournalFile Open(string name)
    {
        IJournalFile file = base.Open(name);
        if (name != RestoreMark.FileName)
            return file;
        Memory.Delete(name);
        Memory.SyncNames();
        return file;
    }
}
