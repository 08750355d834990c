using DeviceMqtt.Journal;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>A disk, or what stands before it, that does not do what it says.</summary>
internal sealed class LyingDisk(SimWorld world, MemoryStorage memory, bool syncs = true, bool syncsNames = true, bool dropsWrites = false, bool commits = true, bool damages = false) : SimDisk(world, memory)
{
    private int _writes;

    public override IJournalFile Open(string name) => new LyingFile(this, base.Open(name));

    public override IJournalFile Create(string name, long bytes) => new LyingFile(this, base.Create(name, bytes));

    public override void SyncNames()
    {
        if (syncsNames)
            base.SyncNames();
    }

    public override void Later(Action work, TimeSpan delay)
    {
        if (commits || ++_writes < 60)
            base.Later(work, delay);
    }

    private sealed class LyingFile(LyingDisk disk, IJournalFile file) : IJournalFile
    {
        public long Length => file.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            // Only frames: the beginning of a segment is read at once when it is opened.
            bool isFrame = bytes.Length <= 4096;
            if (disk._damages && isFrame && ++disk._writes % 50 == 0)
                file.Write(offset, [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
            else if (!disk._dropsWrites || !isFrame || ++disk._writes % 50 != 0)
                file.Write(offset, bytes);
        }

        public int Read(long offset, Span<byte> bytes) => file.Read(offset, bytes);

        public void Sync()
        {
            if (disk._syncs)
                file.Sync();
        }

        public void Dispose() => file.Dispose();
    }

    private readonly bool _syncs = syncs;
    private readonly bool _dropsWrites = dropsWrites;
    private readonly bool _damages = damages;
}
