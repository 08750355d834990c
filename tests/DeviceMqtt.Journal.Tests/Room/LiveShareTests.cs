using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// Live data may use three quarters of the cap, whatever its pattern, and the copies that this takes stay below three times
/// what was accepted. A journal once called itself full at a quarter to a half, for good, when live Bodies lay thin over its segments.
/// </summary>
[TestClass]
public sealed class LiveShareTests
{
    private const int UsualSegments = 64;
    private static readonly JournalOptions Options = OptionsOf(UsualSegments);

    public enum Pattern
    {
        /// <summary>Any of those that are there goes.</summary>
        Random,

        /// <summary>Each fourth goes when the journal is full, all over it; and so on.</summary>
        Striped,

        /// <summary>The first third stays for ever, the rest goes in its order.</summary>
        OldestAlive,

        /// <summary>One in each segment stays; the rest goes in its order.</summary>
        OneInEachSegment,

        /// <summary>What came last goes first.</summary>
        NewestFirst,

        /// <summary>In the order in which they came.</summary>
        Fifo,

        /// <summary>One in five stays, the others go at once: it fills slowly. When it is full, any of those that stay goes.</summary>
        Thin,
    }

    [TestMethod]
    [DataRow(Pattern.Random)]
    [DataRow(Pattern.Striped)]
    [DataRow(Pattern.OldestAlive)]
    [DataRow(Pattern.OneInEachSegment)]
    [DataRow(Pattern.NewestFirst)]
    [DataRow(Pattern.Fifo)]
    [DataRow(Pattern.Thin)]
    public async Task LiveData_InAnyPattern_UsesThreeQuartersOfTheCapAndCopiesLessThanThreeTimes(Pattern pattern)
    {
        JournalStatus status = await RunAsync(pattern, UsualSegments);
        Assert.AreEqual(Options.BytesMax / 100 * 75, status.LiveBytesMax);
        Assert.IsLessThan(3 * status.AcceptedBytes, status.CompactedBytes, $"{pattern}: {status}");
    }

    // A journal of 32 MiB, the least, has 8 segments. 75 % of it were once promised, and it was full before.
    public static IEnumerable<object[]> SmallOnes => from segments in new[] { 8, 12, 16, 24 } from pattern in Enum.GetValues<Pattern>() select new object[] { segments, pattern };

    [TestMethod]
    [DynamicData(nameof(SmallOnes))]
    public async Task LiveData_InASmallJournal_UsesWhatIsPromised(int segments, Pattern pattern) => _ = await RunAsync(pattern, segments);

    /// <summary>As the gateway's 256 MB in segments of 4 MB, with less of each: records of some hundred bytes fill a segment as there.</summary>
    internal static JournalOptions OptionsOf(int segments)
    {
        const int SegmentBytes = 16 * 1024;
        return Small.Options with { SegmentBytes = SegmentBytes, BytesMax = segments * SegmentBytes, ReserveBytes = SegmentBytes, FrameBytesMax = SegmentBytes / 4, SnapshotAfterBytes = 2 * SegmentBytes };
    }

    [SuppressMessage("Security", "CA5394", Justification = "a seed must give the same run again")]
    private static async Task<JournalStatus> RunAsync(Pattern pattern, int segments)
    {
        JournalOptions options = OptionsOf(segments);
        JournalStatus status;
        int seed = int.Parse(Environment.GetEnvironmentVariable("DEVICEMQTT_SEED") ?? "20261128", System.Globalization.CultureInfo.InvariantCulture);
        Random random = new(seed);
        MemoryStorage storage = new();
        long acceptedTotal = 0;
        await using (RecordJournal journal = Small.Open(storage, out Book book, options))
        {
            Live live = new(pattern, random, segments);
            long wanted = journal.Status.LiveBytesMax;
            for (int number = 0; number < 16_000; number++)
            {
                string context = $"{pattern}, seed {seed}, thing {number}";
                // What the Bodies and the snapshots of the state take.
                void KeepWithinWhatIsPromised()
                {
                    while (live.IsDue || (live.Count > 0 && journal.Status.LiveBytes + journal.Status.SnapshotBytes + 600 > wanted))
                        journal.TakeWhenThereIsRoom(book, live.TakeNext(), context);
                }

                KeepWithinWhatIsPromised();
                live.Add(Put(journal, book, number, random.Next(100, 500), context, KeepWithinWhatIsPromised));
                if (number % 8 != 0)
                    continue;
                Assert.IsTrue(journal.CommitAll());
                if (journal.SnapshotDue)
                    journal.SnapshotAll(book);
            }

            status = journal.Status;
            acceptedTotal = status.AcceptedBytes;
            Console.WriteLine($"{pattern}, seed {seed}, {segments} segments: live {100.0 * (status.LiveBytes + status.SnapshotBytes) / options.BytesMax:F0} %, {(double)status.CompactedBytes / status.AcceptedBytes:F2} bytes copied for each accepted, {status.Snapshots} snapshots: {status}");
            Assert.IsLessThanOrEqualTo(options.BytesMax, status.BytesUsed);
            journal.AssertHolds(book);
        }

        Assert.IsGreaterThan(4 * options.BytesMax, acceptedTotal);
        await using RecordJournal reopened = Small.Open(storage.Crash(new Random(seed)), out Book read, options);
        reopened.AssertHolds(read);
        return status;
    }

    // It may be full for the moments that a copy takes; it may not stay so.
    // A Body counts when its frame is written: while copies are on their way more may have been put in than is promised.
    private static long Put(RecordJournal journal, Book book, int number, int length, string context, Action keepWithinWhatIsPromised)
    {
        long thing = 0;
        bool hasRoom = SpinWait.SpinUntil(() =>
        {
            thing = book.AddThing(journal, number, length);
            if (thing == 0)
            {
                journal.Commit();
                if (journal.SnapshotDue)
                    journal.SnapshotAll(book);
                keepWithinWhatIsPromised();
            }

            return thing != 0;
        }, Small.Patience);
        Assert.IsTrue(hasRoom, $"{context}: full at {100.0 * journal.Status.LiveBytes / Options.BytesMax:F0} % live, {journal.Status}");
        return thing;
    }

    private sealed class Live(Pattern pattern, Random random, int segments)
    {
        private const int GoingMax = 20;
        private readonly List<long> _things = [];
        private readonly Queue<long> _going = new();
        private int _added;
        private int _next;

        public int Count => _things.Count;

        public bool IsDue => _going.Count > GoingMax;

        public void Add(long thing)
        {
            if (pattern == Pattern.Thin && _added % 5 != 0)
            {
                _added++;
                _going.Enqueue(thing);
                return;
            }

            // Not among those that go: a third of the first filling, or one in each segment, which has some ten.
            bool stays = pattern switch { Pattern.OldestAlive => _added < 800 * segments / UsualSegments, Pattern.OneInEachSegment => _added % (40 * UsualSegments / segments) == 0, _ => false };
            _added++;
            if (!stays)
                _things.Add(thing);
        }

        public long TakeNext()
        {
            if (_going.TryDequeue(out long going))
                return going;
            int index = pattern switch
            {
                Pattern.Random or Pattern.Thin => random.Next(_things.Count),
                Pattern.Striped => _next = (_next + 3) % _things.Count,
                Pattern.NewestFirst => _things.Count - 1,
                _ => 0,
            };
            long thing = _things[index];
            _things.RemoveAt(index);
            return thing;
        }
    }
}
