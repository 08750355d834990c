using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>What is said of a day's writing is what the day brings, from the first minute on.</summary>
[TestClass]
internal sealed class DiskRateTests : IJournalReplay, IDisposable
{
    private const int MessageBytes = 100;
    private const int PageBytes = 4096; // Linux writes whole pages, and so counts them
    private static readonly byte[] Settled = new byte[16];

    private readonly FakeTime _time = new();
    private readonly WatchedStorage _disk = new(new MemoryStorage()) { PageBytes = PageBytes };
    private readonly AutoResetEvent _durable = new(initialState: false);

    private long NowMs => _time.GetTimestamp();

    [TestMethod]
    [DataRow(1)] // the journal gets its files ready while the gateway starts
    [DataRow(45)] // and here later
    public async Task BytesPerDay_OneMessageASecond_FromTheFirstMinuteWhatTheDayBrings(int first)
    {
        await using RecordJournal journal = RecordJournal.Open(_disk, new JournalOptions { BytesMax = 1L << 30 }, this, _time);
        journal.Durable = _ => _durable.Set();
        DiskRate rate = new(() => NowMs, () => _disk.WrittenBytes - journal.Status.PreparedBytes, () => journal.Status.Frames);
        Dictionary<int, long> said = [];
        const int Day = 86_400;
        long before = 0;
        for (int second = 1; second <= Day; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            if (second >= first)
                Take(journal, ref before);
            // The disk is idle, so the journal gets its files ready: on real time, not on this.
            if (second == first)
                await Patience.Until(() => journal.Status.Spares == new JournalOptions().SparesMax, "no spare was made");
            rate.Beat();
            said[second] = rate.BytesPerDay();
        }

        long brought = _disk.WrittenBytes;
        for (int second = 1; second < 60; second++)
            Assert.AreEqual(0, said[second], $"second {second}: nothing can be said yet");
        for (int second = 60; second <= Day; second++)
            Assert.IsTrue((second < 120 || said[second] >= brought / 2) && said[second] <= brought * 2, $"second {second}: {said[second]} a day, and the day brought {brought}");
        Assert.IsInRange(Day * 9 / 10, Day * 11 / 10, rate.SyncsPerDay());
        Assert.IsGreaterThan(1024L * 1024, journal.Status.PreparedBytes);
    }

    [TestMethod]
    public void BytesPerDay_MuchAtTheStart_IsNotInIt()
    {
        long bytes = 0, syncs = 0;
        DiskRate rate = new(() => NowMs, () => bytes, () => syncs);
        for (int second = 1; second <= 600; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            (bytes, syncs) = (bytes + (second < 30 ? 1_000_000 : 1_000), syncs + (second < 30 ? 100 : 1));
            rate.Beat();
            Assert.AreEqual((second < 60 ? 0 : 86_400_000, second < 60 ? 0 : 86_400), (rate.BytesPerDay(), rate.SyncsPerDay()), $"second {second}");
        }
    }

    // A month of quiet hid what a new sensor writes.
    [TestMethod]
    public void BytesPerDay_MoreThanBefore_ToldWithinADay()
    {
        const int Day = 1_440;
        long bytes = 0, syncs = 0;
        DiskRate rate = new(() => NowMs, () => bytes, () => syncs);
        for (int minute = 1; minute <= 12 * Day; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            (bytes, syncs) = (bytes + (minute <= 10 * Day ? 1_000 : 100_000), syncs + 1);
            rate.Beat();
        }

        Assert.AreEqual(100_000 * Day, rate.BytesPerDay());
    }

    [TestMethod]
    public void BytesPerDay_JournalOpenedAnew_CountsFromThere()
    {
        long bytes = 0, syncs = 0;
        DiskRate rate = new(() => NowMs, () => bytes, () => syncs);
        for (int second = 1; second <= 300; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            (bytes, syncs) = (bytes + 1_000, second == 200 ? 0 : syncs + 1);
            if (second == 200)
                bytes += 50_000_000;
            rate.Beat();
            Assert.AreEqual(second is < 60 or (>= 200 and < 230) ? 0 : 86_400, rate.SyncsPerDay(), $"second {second}");
        }

        Assert.AreEqual(86_400_000, rate.BytesPerDay());
    }

    public void Dispose() => _durable.Dispose();

    bool IJournalReplay.IsLive(long position) => false;

    void IJournalReplay.Record(long position, RecordLife life, ReadOnlySpan<byte> record)
    {
    }

    void IJournalReplay.Snapshot(ReadOnlySpan<byte> state, long upTo)
    {
    }

    // A message comes, and the one before it is acknowledged.
    private void Take(RecordJournal journal, ref long before)
    {
        if (before != 0)
        {
            Assert.AreEqual(AppendResult.Appended, journal.TryAppend(Settled, RecordLife.Event, reserve: true, out _));
            journal.Release(before);
        }

        Assert.AreEqual(AppendResult.Appended, journal.TryAppend(new byte[MessageBytes], RecordLife.Body, reserve: false, out before));
        if (journal.SnapshotDue)
            _ = journal.Snapshot(journal.LastPosition, new byte[1000]);
        journal.Commit();
        while (journal.DurablePosition < journal.LastPosition)
            Assert.IsTrue(_durable.WaitOne(Patience.Limit), "the journal did not commit");
    }
}
