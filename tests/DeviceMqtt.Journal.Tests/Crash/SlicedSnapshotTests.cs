using System.Buffers.Binary;

namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// A snapshot that is written in slices while things change: after a crash at any moment the state is the one that was
/// durable, whichever slices a thing was in, came after or went before.
/// </summary>
[TestClass]
public sealed class SlicedSnapshotTests
{
    [TestMethod]
    public async Task Slices_WithRecordsBetween_RecoverTheStateOfEachSeed()
    {
        int snapshots = 0;
        for (int seed = 1; seed <= 60; seed++)
        {
            MemoryStorage storage = new();
            Random random = new(seed);
            for (int life = 0; life < 3; life++)
            {
                Counters counters = new();
                await using (RecordJournal journal = RecordJournal.Open(storage, Small.Options, counters))
                {
                    Change(journal, counters, random, snapshots: 4);
                    Assert.IsTrue(journal.CommitAll(), $"seed {seed}");
                    snapshots += (int)journal.Status.Snapshots;
                }

                storage = storage.Crash(new Random(seed + life));
                Counters read = new();
                await using RecordJournal reopened = RecordJournal.Open(storage, Small.Options, read);
                CollectionAssert.AreEquivalent(counters.Values.ToArray(), read.Values.ToArray(), $"seed {seed}, life {life}");
            }
        }

        Assert.IsGreaterThan(200, snapshots);
    }

    [TestMethod]
    public async Task Snapshot_OfWhatHasNotChanged_IsNotBegun()
    {
        await using RecordJournal journal = Small.Open(new MemoryStorage(), out Book book);
        _ = book.AddNote(journal, 1);
        Assert.IsTrue(journal.CommitAll());
        journal.SnapshotAll(book);
        Assert.IsNull(journal.BeginSnapshot());
        Assert.AreEqual(1, journal.Status.Snapshots);
    }

    [TestMethod]
    public async Task Snapshot_Abandoned_AnotherMayBegin()
    {
        await using RecordJournal journal = Small.Open(new MemoryStorage(), out Book book);
        _ = book.AddNote(journal, 1);
        JournalSnapshot first = journal.BeginSnapshot()!;
        Assert.IsNull(journal.BeginSnapshot(), "two at a time");
        first.Add([1, 2, 3]);
        first.Abandon();
        Assert.IsFalse(first.Finish());
        Assert.IsNotNull(journal.BeginSnapshot());
    }

    // A backlog of millions has a snapshot of hundreds of megabytes, on a machine that may have no more.
    [TestMethod]
    public async Task Open_OfALargeSnapshot_OneSliceAtATimeInMemory()
    {
        const int Slices = 128;
        const int SliceBytes = 64 * 1024;
        JournalOptions options = Small.Options with { BytesMax = 4 * Slices * SliceBytes };
        MemoryStorage storage = new();
        await using (RecordJournal journal = Small.Open(storage, out Book book, options))
        {
            _ = book.AddNote(journal, 1);
            JournalSnapshot snapshot = journal.BeginSnapshot()!;
            for (int i = 0; i < Slices; i++)
                snapshot.Add(new byte[SliceBytes]);
            Assert.IsTrue(snapshot.Finish());
            Assert.IsTrue(journal.CommitAll());
            Assert.IsTrue(SpinWait.SpinUntil(() => !journal.IsSnapshotting, Small.Patience));
        }

        Lengths read = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        await using RecordJournal reopened = RecordJournal.Open(storage, options, read);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual((long)Slices * SliceBytes, read.Bytes);
        Assert.IsLessThan(8 * SliceBytes, allocated, "bytes made to open it");
    }

    private sealed class Lengths : IJournalReplay
    {
        public long Bytes { get; private set; }

        public void Snapshot(ReadOnlySpan<byte> state, long upTo) => Bytes += state.Length;

        public void Record(long position, RecordLife life, ReadOnlySpan<byte> record)
        {
        }

        public bool IsLive(long position) => false;
    }

    private static void Change(RecordJournal journal, Counters counters, Random random, int snapshots)
    {
        for (int snapshot = 0; snapshot < snapshots; snapshot++)
        {
            for (int i = 0; i < 20; i++)
                counters.ChangeOne(journal, random);
            if (journal.BeginSnapshot() is not { } sliced)
                continue;
            // Slices in the order of the keys, with changes, removals and commits between them.
            for (byte key = 0; key < Counters.Keys; key += 4)
            {
                counters.WriteSlice(sliced, key, (byte)(key + 4));
                for (int i = random.Next(6); i > 0; i--)
                    counters.ChangeOne(journal, random);
                if (random.Next(3) == 0)
                    Assert.IsTrue(journal.CommitAll());
            }

            Assert.IsTrue(sliced.Finish());
            Assert.IsTrue(journal.CommitAll());
            if (random.Next(3) != 0)
                Assert.IsTrue(SpinWait.SpinUntil(() => !journal.IsSnapshotting, Small.Patience));
        }
    }

    /// <summary>Numbers by key that are added to, and removed: a record applied twice or not at all shows.</summary>
    private sealed class Counters : IJournalReplay
    {
        public const byte Keys = 32;
        private const byte Made = 1;
        private const byte Added = 2;
        private const byte Removed = 3;

        public SortedDictionary<byte, long> Values { get; } = [];

        public void ChangeOne(RecordJournal journal, Random random)
        {
            byte key = (byte)random.Next(Keys);
            byte kind = !Values.ContainsKey(key) ? Made : random.Next(4) == 0 ? Removed : Added;
            byte[] record = [kind, key, (byte)random.Next(1, 100)];
            Assert.AreEqual(AppendResult.Appended, journal.TryAppend(record, RecordLife.Event, reserve: false, out _));
            Apply(record);
        }

        public void WriteSlice(JournalSnapshot snapshot, byte from, byte until)
        {
            List<byte> slice = [];
            foreach ((byte key, long value) in Values)
            {
                if (key < from || key >= until)
                    continue;
                byte[] number = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(number, value);
                slice.AddRange([key, .. number]);
            }

            snapshot.Add(slice.ToArray());
        }

        void IJournalReplay.Snapshot(ReadOnlySpan<byte> state, long upTo)
        {
            for (; !state.IsEmpty; state = state[9..])
                Values[state[0]] = BinaryPrimitives.ReadInt64LittleEndian(state[1..]);
        }

        void IJournalReplay.Record(long position, RecordLife life, ReadOnlySpan<byte> record) => Apply(record);

        bool IJournalReplay.IsLive(long position) => false;

        // What is added to a key that is not known is in a slice that comes later.
        private void Apply(ReadOnlySpan<byte> record)
        {
            byte key = record[1];
            if (record[0] == Removed)
                _ = Values.Remove(key);
            else if (record[0] == Made)
                Values[key] = record[2];
            else if (Values.ContainsKey(key))
                Values[key] += record[2];
        }
    }
}
