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

    // What lives lies thin over all segments, so that room is made by copies; and who takes something out finds room, also then.
    [TestMethod]
    [DataRow(75, 50, 16)]
    [DataRow(75, 0, 16)]
    [DataRow(100, 50, 16)]
    [DataRow(100, 0, 16)]
    [DataRow(100, 50, 64)]
    [DataRow(100, 50, 8)]
    public void BodiesComeAndGoDuringEachSync_RoomIsMadeAndWhatGoesIsAlwaysTaken(int livePercent, int surplusPercent, int segments)
    {
        JournalOptions options = LiveShareTests.OptionsOf(segments) with { SurplusPercentMax = surplusPercent };
        for (int seed = 1; seed <= 3; seed++)
        {
            PacedStorage storage = new(new MemoryStorage());
            RecordJournal journal = Small.Open(storage, out Book book, options);
            Random random = new(seed);
            int left = Frames / 20 * segments;
            int added = 0;
            int inARow = 0;
            int inARowMax = 0;
            void Go()
            {
                left--;
                for (int i = 0; i < 4; i++)
                {
                    bool isAdded = book.AddThing(journal, random.Next(), random.Next(100, 500)) != 0;
                    added += isAdded ? 1 : 0;
                    inARow = isAdded ? 0 : inARow + 1;
                    inARowMax = Math.Max(inARowMax, inARow);
                }

                while (journal.Status is var now && now.LiveBytes + now.SnapshotBytes + 2400 > now.LiveBytesMax * livePercent / 100)
                    Assert.IsTrue(book.TakeThing(journal, book.Things.ElementAt(random.Next(book.Things.Count))), $"seed {seed}, {left} frames to go: {journal.Status}");
                if (journal.SnapshotDue)
                    _ = book.TrySnapshot(journal);
            }

            storage.Before = (what, name) =>
            {
                if (what == "sync" && !name.Contains(".snapshot", StringComparison.Ordinal) && left > 0)
                    Go();
                return null;
            };
            while (left > 0)
            {
                Go();
                journal.Commit();
                while (storage.Step())
                    Assert.IsFalse(journal.IsFailed, $"seed {seed}, {left} frames to go: {journal.Status}");
            }

            JournalStatus status = journal.Status;
            Console.WriteLine($"seed {seed}: {added} added, {inARowMax} refused in a row, {(double)status.CompactedBytes / status.AcceptedBytes:F2} copied: {status}");
            Assert.IsLessThan(3 * status.AcceptedBytes, status.CompactedBytes, $"seed {seed}: {status}");
            Assert.IsGreaterThan(4 * options.BytesMax, status.AcceptedBytes, $"seed {seed}: {status}");
            Assert.IsGreaterThan(0, status.Compacted);
            journal.AssertHolds(book);
        }
    }
}
