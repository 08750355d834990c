using DeviceMqtt.Journal;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>Leaves out a write that changes nothing of what the system shows: what a sync that failed left behind stays there, and nowhere else.</summary>
internal sealed class TrustingDisk(SimWorld world, MemoryStorage memory) : SimDisk(world, memory)
{
    public override IJournalFile Open(string name) => new TrustingFile(base.Open(name));

    public override IJournalFile Create(string name, long bytes) => new TrustingFile(base.Create(name, bytes));

    private sealed class TrustingFile(IJournalFile file) : IJournalFile
    {
        public long Length => file.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            byte[] there = new byte[bytes.Length];
            if (file.Read(offset, there) != there.Length || !bytes.SequenceEqual(there))
                file.Write(offset, bytes);
        }

        public int Read(long offset, Span<byte> bytes) => file.Read(offset, bytes);

        public void Sync() => file.Sync();

        public void Dispose() => file.Dispose();
    }
}
