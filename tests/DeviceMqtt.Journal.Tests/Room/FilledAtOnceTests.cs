using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// A journal that was filled to the end, beyond what may live in it, and in which no more than that lives now, has room again: where what has died lies evenly in all segments, and what may be put
/// aside for copies is less than the live part of any of them.
/// </summary>
[TestClass]
public sealed class FilledAtOnceTests
{
    private const int Rounds = 200;

    [TestMethod]
    [DataRow(8), DataRow(9), DataRow(12), DataRow(24)]
    [SuppressMessage("Security", "CA5394", Justification = "a seed must give the same run again")]
    public async Task Journal_FullAndThenWithinWhatIsPromised_HasRoomAgain(int segments)
    {
        JournalOptions options = LiveShareTests.OptionsOf(segments);
        await using RecordJournal journal = Small.Open(new MemoryStorage(), out Book book, options);
        Random random = new(segments);
        List<long> things = [];
        for (int round = 0; round < Rounds; round++)
        {
            while (book.AddThing(journal, things.Count, random.Next(100, 500)) is var thing and not 0)
            {
                things.Add(thing);
                if (things.Count % 8 == 0)
                    Assert.IsTrue(journal.CommitAll());
            }

            while (journal.Status.LiveBytes + journal.Status.SnapshotBytes + 600 > journal.Status.LiveBytesMax)
                Take(journal, book, things, random);
            Assert.IsTrue(journal.CommitAll());
            bool hasRoom = SpinWait.SpinUntil(() =>
            {
                if (journal.SnapshotDue)
                    journal.SnapshotAll(book);
                journal.Commit();
                return !journal.IsFull;
            }, Small.Patience);
            Assert.IsTrue(hasRoom, $"round {round}: full at {100.0 * journal.Status.LiveBytes / options.BytesMax:F0} % live, {journal.Status}");
        }

        journal.AssertHolds(book);
    }

    [SuppressMessage("Security", "CA5394", Justification = "a seed must give the same run again")]
    private static void Take(RecordJournal journal, Book book, List<long> things, Random random)
    {
        int index = random.Next(things.Count);
        journal.TakeWhenThereIsRoom(book, things[index], "within the reserve");
        things[index] = things[^1];
        things.RemoveAt(things.Count - 1);
    }
}
