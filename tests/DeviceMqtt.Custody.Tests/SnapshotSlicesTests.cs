using System.Text;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using SnapshotWriter = DeviceMqtt.Custody.Snapshots.SnapshotWriter;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A snapshot is written over many turns, in which everything goes on: it is never longer than a slice, and nothing is lost or there twice.</summary>
[TestClass]
internal sealed class SnapshotSlicesTests
{
    public static IEnumerable<object[]> AllSeeds => Enumerable.Range(1, 60).Select(seed => new object[] { seed });

    // Each look at the clock takes a millisecond: a turn has the steps that it may do at least, and those between three looks.
    [TestMethod]
    public async Task Snapshot_OfALargeState_NotMoreThanASliceInEachTurn()
    {
        const int Retained = 5_000;
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), snapshotSteps: int.MaxValue);
        int turns = 0;
        TestClient publisher = await gateway.ConnectAsync("p");
        for (int i = 0; i < Retained; i++)
            _ = await publisher.PublishAsync($"r/{i}", "x", QoS.AtLeastOnce, retain: true);
        gateway.Broker.Turn.AtEnd += () => turns += gateway.Broker.Turn.Jobs.Count;
        gateway.Time.LookMs = 1;
        gateway.Advance(1);
        await Patience.Until(() => gateway.State.Status!.Value.Snapshots > 0, "the snapshot");
        gateway.Time.LookMs = 0;
        Assert.IsGreaterThan(Retained / 400, turns, "the whole state in a few turns");
    }

    // The Session ends in the middle of the walk through what waits for it, and that takes many turns as well.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task Session_ThatEndsWhileItIsWritten_LeavesWhatIsTrue(bool comesAgain)
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), snapshotSteps: 100);
        Queue<Jobs> soon = new();
        gateway.Broker.Turn.Jobs.RunSoon = soon.Enqueue;
        TestClient publisher = await gateway.ConnectAsync("p");
        TestClient device = await gateway.ConnectDurableAsync("d");
        _ = await device.SubscribeAsync("t", QoS.AtLeastOnce);
        await device.DropAsync();
        for (int i = 0; i < 1_500; i++)
            _ = await publisher.PublishAsync(i % 20 == 0 ? "dm/p2p/d" : "t", $"{i}", QoS.AtLeastOnce);
        Begin(gateway);
        for (int i = 0; i < 5; i++)
            soon.Dequeue().Execute();
        gateway.Time.LookMs = 1;
        device = await gateway.ConnectAsync("d", clean: true);
        if (comesAgain)
        {
            await device.DropAsync();
            device = await gateway.ConnectDurableAsync("d");
            SubscribePacket subscribe = new() { PacketId = 1, Requests = [new SubscriptionRequest(TestClient.Filter("t"), QoS.AtLeastOnce, NoLocal: false, RetainAsPublished: false, RetainHandling.SendAtSubscribe)] };
            await device.SendAsync(w => subscribe.Write(w, device.Version));
            await Patience.Until(() => gateway.Look(b => b.Sessions.Find("d")!.Subscriptions.Count) == 1, "the subscription");
        }

        gateway.Time.LookMs = 0;
        for (int i = 0; soon.Count > 0 && i < 4; i++)
            soon.Dequeue().Execute();
        _ = await publisher.PublishAsync("t", "last", QoS.AtLeastOnce);
        await AssertRecoversAsync(gateway, publisher, soon, finishes: true, "");
    }

    // What was in flight goes back to the mailbox when it is acknowledged, wherever the walk stands then.
    [TestMethod]
    public async Task Command_AcknowledgedBetweenSlices_StaysUntilItIsAnswered()
    {
        for (int steps = 0; steps < 16; steps++)
        {
            BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), snapshotSteps: 1);
            Queue<Jobs> soon = new();
            gateway.Broker.Turn.Jobs.RunSoon = soon.Enqueue;
            TestClient device = await gateway.ConnectAsync("d");
            _ = await device.PublishAsync("dm/d/info", "{\"id\":\"d\",\"win\":1,\"cmd\":[\"relay.set!\"]}", QoS.AtLeastOnce, retain: true);
            TestClient publisher = await gateway.ConnectAsync("p");
            _ = await publisher.PublishAsync("dm/p2p/d", "{\"id\":\"1\",\"cmd\":\"relay.set\",\"from\":\"p\",\"ttl\":9999}", QoS.AtLeastOnce);
            ReceivedPublish command = await device.ReceivePublishAsync();
            Begin(gateway);
            for (int i = 0; i < steps && soon.Count > 0; i++)
                soon.Dequeue().Execute();
            await device.SendAckAsync(PacketType.PubAck, command.PacketId);
            _ = await device.PublishAsync("t", "behind it", QoS.AtLeastOnce);
            Assert.AreEqual(1L, gateway.Look(b => b.Kept().Ledger[LedgerClass.Mailbox].Pending));
            await AssertRecoversAsync(gateway, publisher, soon, finishes: true, $"after {steps} steps");
        }
    }

    [TestMethod]
    [DynamicData(nameof(AllSeeds))]
    public async Task State_ChangedAtRandomBetweenSlices_TheSameAfterARestart(int seed)
    {
        Random random = new(seed);
        MemoryStorage disk = new();
        for (int life = 0; life < 3; life++)
        {
            BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, limits: static l => l.KnownDevicesMax = 4, snapshotSteps: random.Next(1, 6));
            gateway.AssertLedgerBalances();
            Queue<Jobs> soon = new();
            gateway.Broker.Turn.Jobs.RunSoon = soon.Enqueue;
            SnapshotCast cast = new(gateway, random, await gateway.ConnectAsync("p"));
            for (int step = 0; step < 120; step++)
            {
                // Time passes, or connections that end would wait for the jobs that this test holds back.
                gateway.Time.Advance(TimeSpan.FromMilliseconds(Turn.SliceMs));
                await cast.ActAsync();
                Begin(gateway);
                for (int i = random.Next(3); i > 0 && soon.Count > 0; i--)
                    soon.Dequeue().Execute();
            }

            disk = await AssertRecoversAsync(gateway, cast.Publisher, soon, finishes: random.Next(4) > 0, $"seed {seed}, life {life}");
        }
    }

    private static void Begin(BrokerOnDisk gateway)
    {
        using Turn.Scope scope = gateway.Broker.Turn.Enter();
        gateway.State.SnapshotIfDue();
    }

    // Recovered is what a snapshot of a single moment would have.
    private static async Task<MemoryStorage> AssertRecoversAsync(BrokerOnDisk gateway, TestClient publisher, Queue<Jobs> soon, bool finishes, string where)
    {
        if (finishes)
        {
            long before = gateway.State.Status!.Value.Snapshots;
            bool isWriting = soon.Count > 0;
            while (soon.Count > 0)
                soon.Dequeue().Execute();
            _ = await publisher.PublishAsync("nobody", "commits", QoS.AtLeastOnce, retain: true);
            if (isWriting)
                await Patience.Until(() => gateway.State.Status!.Value.Snapshots > before, "the snapshot");
        }

        _ = await publisher.PublishAsync("nobody", "commits too", QoS.AtLeastOnce, retain: true);
        gateway.AssertLedgerBalances();
        MemoryStorage left = gateway.Disk.Crash();
        RecoveredState expected = new();
        gateway.Look(b =>
        {
            SnapshotWriter writer = new(b, b.Kept().Ledger, b.Kept().Wills);
            foreach (int _ in writer.Write(b.Kept().LastEntryCount, b.Kept().Time.Now(), b.Kept().Restore))
            {
            }

            expected.Snapshot(writer.Written, 0);
            return 0;
        });
        RecoveredState actual = new();
        await using (RecordJournal.Open(left, new JournalOptions(), actual))
            Assert.AreEqual(Text(expected), Text(actual), where);
        RecoveredState shown = new();
        Assert.IsEmpty(new JournalInspector(left).Replay(shown).Damage, where);
        Assert.AreEqual(Text(expected), Text(shown), where);
        MemoryStorage salvage = new();
        _ = new JournalSalvage(left, salvage, new JournalOptions()).Run(SnapshotWriter.AddEvents);
        RecoveredState salvaged = new();
        await using (RecordJournal.Open(salvage, new JournalOptions(), salvaged))
            Assert.AreEqual(Text(expected), Text(salvaged), where);
        gateway.Broker.Turn.Jobs.RunSoon = static jobs => ThreadPool.UnsafeQueueUserWorkItem(jobs, preferLocal: false);
        while (soon.Count > 0)
            soon.Dequeue().Execute();
        await gateway.DisposeAsync();
        return left.Crash();
    }

    private static string Text(RecoveredState state)
    {
        StringBuilder text = new();
        foreach (RecoveredEntry e in state.Entries.OrderBy(e => e.Held.Owner, StringComparer.Ordinal))
            text.AppendLine($"entry {e.Held.Owner} {e.Held.Entry} {(e.IsReceived ? 0 : e.Held.Message)} {e.Held.QoS} {e.Held.Retain} [{string.Join(',', e.Held.Identifiers ?? [])}] {e.PacketId} {e.IsReceived} {e.WasSent} {e.Aside}"
                + (Entry.ClassOf(e.Held.Entry) == LedgerClass.Session ? $" {state.HasEnded(e)}" : ""));
        foreach (RecoveredSession s in state.Sessions.Values.OrderBy(s => s.Terms.ClientId, StringComparer.Ordinal))
            text.AppendLine($"session {s.Terms} left {s.LeftRunningMs}: {string.Join(' ', s.Subscriptions.Values.OrderBy(x => x.Filter, StringComparer.Ordinal))}");
        foreach (RecoveredSession s in state.Sessions.Values.OrderBy(s => s.Terms.ClientId, StringComparer.Ordinal))
            foreach ((string filter, OwedRetained owed) in s.Owed.OrderBy(o => o.Key, StringComparer.Ordinal))
                text.AppendLine($"owed {s.Terms.ClientId} {filter} {owed.UpTo} but {string.Join(',', owed.Given.Order())}");
        // Those of a Session that ends with its connection need not outlive it.
        foreach ((string owner, Dictionary<ushort, uint?> open) in state.Inbound.Where(i => i.Value.Count > 0 && state.Sessions.GetValueOrDefault(i.Key)?.Terms.ExpirySeconds > 0).OrderBy(i => i.Key, StringComparer.Ordinal))
            text.AppendLine($"inbound {owner} {string.Join(',', open.OrderBy(static o => o.Key))}");
        text.AppendLine($"devices {string.Join(',', state.Devices.Order())}, reachable {string.Join(',', state.Reachable.Order())}");
        foreach ((string clientId, WillRecord kept) in state.Wills.OrderBy(w => w.Key, StringComparer.Ordinal))
            text.AppendLine($"will {clientId} {kept.Will.Topic} {Encoding.UTF8.GetString(kept.Will.Payload)}");
        text.AppendLine($"retained {string.Join(',', state.Retained.Order())}");
        foreach (LedgerClass ledgerClass in Ledger.Classes)
            text.AppendLine($"{ledgerClass} {state.Ledger[ledgerClass].Accepted}: {string.Join(' ', state.Ledger[ledgerClass].Outcomes())}");
        return text.AppendLine($"last entry {state.LastEntryCount}").ToString();
    }
}
