using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// What nobody waits for is on the disk a second later. A record that came in the moment between two steps of the committer was committed with
/// the one before, its timer found nothing to do, and from then on no lazy record was ever committed by itself.
/// </summary>
[TestClass]
internal sealed class LazyCommitTests
{
    // The moment cannot be seen from outside; in one round of a few it is met.
    private const int Rounds = 200;

    private const int Clients = 100;
    private const int NoSpaceLeft = 28; // ENOSPC
    private const int WritesToOpen = 3; // at most: the last frame once more

    // The clock stands still: the second after which lazy records are committed never comes.
    [TestMethod]
    public async Task Lazy_MoreThanMayBeOnItsWay_CommittedForWhoWaitsForIt()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), static l => l.JournalPendingBytesMax = 64 * 1024);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 8; i++)
            _ = await publisher.SendPublishAsync($"t/{i}", new string('x', 16 * 1024), retain: true);
        await publisher.ExpectNothingAsync();
    }

    // Nobody is there yet who could be held back, and the timer of lazy records does not come in a start: all of it would gather in memory.
    [TestMethod]
    public async Task Start_WritesMoreThanMayBeOnItsWay_GoesOnAsTheDiskDoes()
    {
        MemoryStorage disk = await LeaveWillsAsync();

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(disk, static l => l.JournalPendingBytesMax = 64 * 1024);
        Assert.AreEqual(Clients, restarted.Look(static b => b.Retained.Count), "the Wills were to be published");
        Assert.IsGreaterThan(Clients * 4 / 64 / 2, restarted.State.Status!.Value.Frames, "all of it was in memory at once");
        TestClient client = await restarted.ConnectDurableAsync("another");
        Assert.AreEqual(ReasonCode.Success, await client.PublishAsync("t", "x", QoS.AtLeastOnce, retain: true));
    }

    // Room is made by whoever looks after the machine, and by the gateway once it runs: a start that waits for it would never end.
    [TestMethod]
    public async Task Start_DiskIsFull_IsNotWaitedFor()
    {
        MemoryStorage disk = await LeaveWillsAsync();
        int writes = 0;
        disk.Fault = (_, what) => what == "write" && ++writes > WritesToOpen ? new IOException("No space left on device", NoSpaceLeft) : null;
        await using BrokerOnDisk restarted = await Patience.Within(Task.Run(() => BrokerOnDisk.StartOn(disk, static l => l.JournalPendingBytesMax = 64 * 1024)), "the start");
        Assert.IsTrue(restarted.Custody.IsFull);
        disk.Fault = null;
    }

    // Otherwise a connection that has ended is never settled, and its client never gets in again.
    [TestMethod]
    public async Task DiskIsFull_WithMoreThanMayBeOnItsWay_ConnectionsEndAllTheSame()
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, static l => l.JournalPendingBytesMax = 64 * 1024);
        TestClient absent = await gateway.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("t", QoS.AtLeastOnce);
        await absent.DropAsync();
        TestClient board = await gateway.ConnectAsync("board");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        disk.Fault = static (_, what) => what == "write" ? new IOException("No space left on device", NoSpaceLeft) : null;
        for (int i = 0; i < 5; i++)
            _ = await publisher.SendPublishAsync("t", new string('x', 20_000), QoS.AtLeastOnce);
        await Patience.Until(() => gateway.Look(static b => b.Custody.IsFull), "a full disk");

        await board.DropAsync();
        _ = await Patience.Within(gateway.ConnectAsync("board"), "the board");
        await Patience.Until(() => gateway.Mqtt.ConnectionCount == 2, "the end of its old connection");
        disk.Fault = null;
    }

    private static async Task<MemoryStorage> LeaveWillsAsync()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        for (int i = 0; i < Clients; i++)
            _ = await gateway.ConnectDurableAsync($"c{i}", will: new WillMessage { Topic = $"will/{i}", Payload = new byte[4 * 1024], QoS = QoS.AtLeastOnce, Retain = true });
        return await gateway.CrashAsync();
    }

    [TestMethod]
    public async Task Record_AppendedWhileTheOneBeforeIsCommitted_LaterOnesAreStillCommittedInTime()
    {
        FakeTime time = new();
        await using RecordJournal journal = RecordJournal.Open(new MemoryStorage(), new JournalOptions(), new RecoveredState(), time);
        using SemaphoreSlim committed = new(0);
        journal.Durable = _ => committed.Release();
        for (int round = 0; round < Rounds; round++)
        {
            // The committer wakes for the first record, and cannot take it before the second is there.
            journal.BeginFrame();
            _ = Append();
            journal.Commit();
            Thread.SpinWait(round * 100);
            long second = Append();
            journal.EndFrame();
            await UntilDurableAsync(second);
            time.Advance(TimeSpan.FromSeconds(2)); // the timer of the second finds nothing to do
            long lazy = Append();
            time.Advance(TimeSpan.FromSeconds(2));
            await UntilDurableAsync(lazy);
        }

        long Append()
        {
            Assert.AreEqual(AppendResult.Appended, journal.TryAppend([22, 1, (byte)'x'], RecordLife.Event, reserve: true, out long position));
            return position;
        }

        async Task UntilDurableAsync(long position)
        {
            while (journal.DurablePosition < position)
                await Patience.Within(committed.WaitAsync(), "a commit");
        }
    }
}
