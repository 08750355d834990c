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
        long bytes = LiveBytesOf(static () =>
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
        RecordWriter record = new();
        long bytes = LiveBytesOf(() =>
        {
            RecoveredState state = new();
            for (int i = 1; i <= Messages; i++)
            {
                new HeldRecord(Entry.Number(i, LedgerClass.Session), "reader", 3 * i, QoS.AtLeastOnce, Retain: false, Identifiers: null).Write(record);
                state.Record(position: 3 * i, RecordLife.Event, record.Written);
            }

            _ = state.IsLive(3);
            return (state, state.Entries.ToArray());
        });
        AssertCounted(MemoryCost.Recovered, bytes);
    }

    private static void AssertCounted(int counted, long bytes)
    {
        long each = bytes / Messages;
        Console.WriteLine($"{each} bytes a message, {counted} are counted");
        Assert.IsLessThanOrEqualTo(counted, each);
        Assert.IsGreaterThanOrEqualTo(counted / 2, each);
    }

    private static long LiveBytesOf(Func<object> make)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        object made = make();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(made);
        return after - before;
    }

    private static QueuedMessage Waiting(int number) =>
        new(Message.Reference(3 * number, PayloadBytes, topicBytes: 20, QoS.AtLeastOnce, retain: false, isP2P: false, Origin.Client, acceptedMs: number * 7L, long.MaxValue), QoS.AtLeastOnce, Retain: false, Identifiers: null, 3 * number);
}
