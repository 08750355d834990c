namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// A disk that is slower than its writers: during each sync something more is appended, so that there is always a frame to write. What is
/// tidied up has to be tidied up between two frames, or never.
/// </summary>
[TestClass]
public sealed class BusyTests
{
    private const int Frames = 2000;
    private const int NotesOfOne = 8;
    private const int FrameBytesLeast = 24 + (NotesOfOne * (5 + 9));

    [TestMethod]
    public void SomethingIsAppendedDuringEachSync_SnapshotsAreWrittenAndSegmentsGo()
    {
        Assert.IsGreaterThan(2 * Small.Options.BytesMax, (long)Frames * FrameBytesLeast, "there would be room for all of it");
        PacedStorage storage = new(new MemoryStorage());
        RecordJournal journal = Small.Open(storage, out Book book);
        int left = Frames;
        int refused = 0;
        storage.Before = (what, name) =>
        {
            if (what != "sync" || name.Contains(".snapshot", StringComparison.Ordinal) || --left < 0)
                return null;
            for (int i = 0; i < NotesOfOne; i++)
                refused += book.AddNote(journal, 1) ? 0 : 1;
            if (journal.SnapshotDue)
                _ = book.TrySnapshot(journal);
            return null;
        };
        Assert.IsTrue(book.AddNote(journal, 1));
        journal.Commit();
        Assert.IsTrue(storage.StepUntil(() => left <= 0 && journal.PendingBytes == 0), $"{left} frames to go: {journal.Status}");
        Assert.AreEqual(0, refused, $"the journal became full of what is dead: {journal.Status}");
        Assert.IsGreaterThan(Frames / 100, journal.Status.Snapshots);
    }
}
