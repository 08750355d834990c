using System.Diagnostics;

namespace DeviceMqtt.Journal.Tests;

/// <summary>A journal as large as a busy gateway may be allowed, on a real disk. Takes a minute: only in the long mode.</summary>
[TestClass]
public sealed class LargeJournalTests
{
    [TestMethod]
    [LongRun]
    public async Task Open_OfAGigabyte_EverythingThere()
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-journal-").FullName;
        try
        {
            JournalOptions options = new() { BytesMax = 1200L * 1024 * 1024, FreeFloorBytes = 0, SnapshotAfterBytes = long.MaxValue };
            Counter written = new();
            await using (RecordJournal journal = RecordJournal.Open(new DirectoryStorage(folder), options, written))
            {
                byte[] record = Book.BytesOf(1, 200);
                for (int i = 0; i < 5_000_000; i++)
                {
                    Assert.AreEqual(AppendResult.Appended, journal.TryAppend(record, i % 2 == 0 ? RecordLife.Body : RecordLife.Event, reserve: false, out _));
                    if (i % 2000 == 0)
                        Assert.IsTrue(journal.CommitAll());
                }

                Assert.IsTrue(journal.CommitAll());
            }

            long began = Stopwatch.GetTimestamp();
            Counter read = new();
            await using RecordJournal reopened = RecordJournal.Open(new DirectoryStorage(folder), options, read);
            Console.WriteLine($"{reopened.Recovery.Bytes / 1e6:F0} MB in {Stopwatch.GetElapsedTime(began).TotalSeconds:F2} s: {reopened.Recovery}");
            Assert.AreEqual(5_000_000, read.Records);
            Assert.IsGreaterThan(1_000_000_000, reopened.Recovery.Bytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Counter : IJournalReplay
    {
        public long Records { get; private set; }

        public void Snapshot(ReadOnlySpan<byte> state, long upTo) => Assert.Fail("there is none");

        public void Record(long position, RecordLife life, ReadOnlySpan<byte> record) => Records++;

        public bool IsLive(long position) => true;
    }
}
