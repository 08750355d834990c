using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>What is counted for a message that waits on the disk is what it takes: less and the process dies, much more and messages go for which there is memory.</summary>
[TestClass]
[DoNotParallelize]
internal sealed class MemoryCostTests
{
    private const int Messages = 100_000;
    private const int PayloadBytes = 4_000;

    [TestMethod]
    public void Reference_InQueueAndJournal_CountedForWhatItTakes()
    {
        (long Least, long Most) bytes = LiveBytesOfThree(static () =>
        {
            PagedWaitingList list = new(new Spill(bytesMax: 0, new RunningClock(new Turn(TimeProvider.System))));
            BodyTable bodies = new();
            FrameBuffer place = new();
            for (int i = 1; i <= Messages; i++)
            {
                list.Enqueue(Waiting(i));
                bodies.Set(3 * i, place, i, PayloadBytes, crc: 0, holders: 1);
            }

            return (list, bodies);
        });
        AssertCounted(MemoryCost.Reference, bytes);
    }

    [TestMethod]
    public void Entry_WhileARecoveryReadsIt_CountedForWhatItTakes()
    {
        (long Least, long Most) bytes = LiveBytesOfThree(static () =>
        {
            RecoveredState state = Recovered(static _ => null, static _ => true);
            _ = state.IsLive(3);
            return state;
        });
        AssertCounted(MemoryCost.Recovered, bytes);
    }

    // What stays is what a long backlog leaves of itself: one of many, so that nothing that was made for all of them may stay with it.
    [TestMethod]
    [DataRow(1, false), DataRow(1, true), DataRow(3, false), DataRow(50, false), DataRow(50, true), DataRow(200, false)]
    public void Recovery_OfWhatIsLeftOfMore_TakesNoMoreThanItSays(int oneOf, bool hasIdentifiers)
    {
        long said = 0;
        int left = 0;
        (long Least, long Most) bytes = LiveBytesOfThree(() =>
        {
            RecoveredState state = Recovered(i => hasIdentifiers ? [(uint)i % 3] : null, i => i % oneOf == 0);
            left = state.Entries.Count();
            said = state.Bytes - (left * MemoryCost.Reference);
            return state;
        });
        Console.WriteLine($"{bytes.Least / left} to {bytes.Most / left} bytes a message, {said / left} are said");
        Assert.AreEqual(Messages / oneOf, left);
        Assert.IsLessThanOrEqualTo(said + (64 * 1024), bytes.Least); // beside the messages: tables of Sessions and the like
        Assert.IsGreaterThanOrEqualTo(said / 3, bytes.Most);
    }

    [TestMethod]
    public void Recovery_EntriesAreTaken_TheirMemoryGoesWithThem()
    {
        List<RecoveredState> states = [];
        long whole = LiveBytesOf(() =>
        {
            states.Add(Recovered(static _ => null, static _ => true));
            return states;
        });
        long back = LiveBytesOf(() =>
        {
            // The last quarter is not taken yet.
            IEnumerator<RecoveredEntry> taking = states[0].TakeEntries().GetEnumerator();
            for (int i = 0; i < Messages * 3 / 4; i++)
                Assert.IsTrue(taking.MoveNext());
            return taking;
        });
        Assert.IsLessThan(-whole / 2, back, $"of {whole} bytes");
    }

    private static RecoveredState Recovered(Func<int, uint[]?> identifiers, Func<int, bool> stays)
    {
        RecordWriter record = new();
        RecoveredState state = new();
        for (int i = 1; i <= Messages; i++)
        {
            long entry = Entry.Number(i, LedgerClass.Session);
            new HeldRecord(entry, "reader", 3 * i, QoS.AtLeastOnce, Retain: false, identifiers(i)).Write(record);
            state.Record(position: 3 * i, RecordLife.Event, record.Written);
        }

        for (int i = 1; i <= Messages; i++)
        {
            if (stays(i))
                continue;
            record.Start(RecordKind.Settled).Add(Entry.Number(i, LedgerClass.Session)).Add(Outcome.Delivered.Value);
            state.Record(position: 3L * Messages, RecordLife.Event, record.Written);
        }

        return state;
    }

    private static void AssertCounted(int counted, (long Least, long Most) bytes)
    {
        Console.WriteLine($"{bytes.Least / Messages} to {bytes.Most / Messages} bytes a message, {counted} are counted");
        Assert.IsLessThanOrEqualTo(counted, bytes.Least / Messages);
        Assert.IsGreaterThanOrEqualTo(counted / 2, bytes.Most / Messages);
    }

    // What tests before have left, in pools for one, may go meanwhile, and count as less; what wakes up meanwhile counts as more.
    private static (long Least, long Most) LiveBytesOfThree(Func<object> make)
    {
        long[] bytes = [.. Enumerable.Range(0, 3).Select(_ => LiveBytesOf(make)).Order()];
        return (bytes[0], bytes[^1]);
    }

    private static long LiveBytesOf(Func<object> make)
    {
        // What tests before have left goes first: it would go meanwhile otherwise, and count as less.
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (long last = long.MaxValue; before < last;)
        {
            GC.WaitForPendingFinalizers();
            (last, before) = (before, GC.GetTotalMemory(forceFullCollection: true));
        }

        object made = make();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(made);
        return after - before;
    }

    private static QueuedMessage Waiting(int number) =>
        new(Message.Reference(3 * number, PayloadBytes, topicBytes: 20, QoS.AtLeastOnce, retain: false, isP2P: false, Origin.Client, acceptedMs: number * 7L, long.MaxValue), QoS.AtLeastOnce, Retain: false, Identifiers: null, 3 * number);
}
