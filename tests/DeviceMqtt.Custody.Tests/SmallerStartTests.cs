using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A start keeps its bounds whatever the disk has, loses nothing that fits, and knows whose it is.</summary>
[TestClass]
internal sealed class SmallerStartTests
{
    private const int Mebibyte = 1024 * 1024;

    [TestMethod]
    public async Task Start_DiskHasMoreThanThereIsMemoryFor_WithinTheBoundAndTheRestIsSaidAndStaysAway()
    {
        BrokerOnDisk large = BrokerOnDisk.StartOn(new MemoryStorage(), static limits => limits.MemoryBytesMax = 1024L * Mebibyte, access: new NamedUsers());
        await FillAsync(large, retained: 60, sessions: 30);
        MemoryStorage disk = await large.CrashAsync();

        BrokerOnDisk small = BrokerOnDisk.StartOn(disk, static limits => limits.MemoryBytesMax = 16 * Mebibyte, access: new NamedUsers());
        (long used, long max, int retained, int sessions) = small.Look(static b => (b.Owners[Good.Memory].Used, b.Owners[Good.Memory].Max, b.Retained.Count, b.Sessions.Count));
        Assert.IsLessThanOrEqualTo(max, used);
        Assert.IsLessThan(60, retained);
        Assert.AreEqual(60 - retained, small.Counters.Dropped(DropReason.RetainedFull));
        Assert.IsTrue(small.Lines.Any(static line => line.Contains("of the journal are gone", StringComparison.Ordinal)), "nothing was said");
        await small.DisposeAsync();

        await using BrokerOnDisk again = BrokerOnDisk.StartOn(disk, static limits => limits.MemoryBytesMax = 1024L * Mebibyte, access: new NamedUsers());
        Assert.AreEqual((retained, sessions), again.Look(static b => (b.Retained.Count, b.Sessions.Count)), "what is gone is gone on the disk, too");
    }

    [TestMethod]
    public async Task Start_OfWhatTheSameBoundHeld_KeepsAllOfIt()
    {
        BrokerOnDisk first = BrokerOnDisk.StartOn(new MemoryStorage(), static limits => limits.MemoryBytesMax = 16 * Mebibyte, access: new NamedUsers());
        for (int user = 0; user < 4; user++)
            await FillUserAsync(first, $"greedy{user}", topics: 40);
        long[] before = first.Look(static b => (long[])[b.Retained.Count, b.Retained.Bytes]);
        Assert.IsGreaterThan(0L, first.Counters.Dropped(DropReason.RetainedFull), "the test is to fill it");

        await using BrokerOnDisk second = BrokerOnDisk.StartOn(await first.CrashAsync(), static limits => limits.MemoryBytesMax = 16 * Mebibyte, access: new NamedUsers());
        CollectionAssert.AreEqual(before, second.Look(static b => (long[])[b.Retained.Count, b.Retained.Bytes]));
        Assert.AreEqual(0L, second.Counters.Dropped(DropReason.RetainedFull));
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Start_RetainedMessagesAndDevicesOfAUser_TakeItsShareAsBefore(bool hasSnapshot)
    {
        BrokerOnDisk first = BrokerOnDisk.StartOn(new MemoryStorage(), static limits => limits.JournalBytesMax = 32 * Mebibyte, access: new NamedUsers());
        TestClient ann = first.Open();
        await ann.ConnectAsync("c1", userName: "ann");
        await ann.PublishAsync("t", "of ann", QoS.AtLeastOnce, retain: true);
        if (hasSnapshot)
        {
            string padding = new('x', 20_000);
            for (int i = 0; i < 1000; i++)
                await ann.PublishAsync("padding", $"{i}{padding}", QoS.AtLeastOnce, retain: true);
            first.Advance(1);
            await Patience.Until(() => first.State.Status!.Value.Snapshots > 0, "a snapshot");
        }

        Good[] goods = [Good.RetainedMessages, Good.RetainedBytes, Good.Devices];
        long[] before = first.Look(b => goods.Select(good => AnnOf(b.Owners)[good].Used).ToArray());
        await using BrokerOnDisk second = BrokerOnDisk.StartOn(await first.CrashAsync(), access: new NamedUsers());
        CollectionAssert.AreEqual(before, second.Look(b => goods.Select(good => AnnOf(b.Owners)[good].Used).ToArray()));
        Assert.AreEqual(1L, before[2]);
    }

    [TestMethod]
    public async Task Start_WhatWasInFlightWhereAllMemoryWasTaken_IsInFlightAgain()
    {
        static void Limits(GatewayLimits limits) => (limits.MemoryBytesMax, limits.InflightBytesMax) = (16 * Mebibyte, 16 * 1024);
        BrokerOnDisk first = BrokerOnDisk.StartOn(new MemoryStorage(), Limits, access: new NamedUsers());
        for (int i = 0; i < 8; i++)
        {
            TestClient reader = first.Open();
            _ = await reader.ConnectAsync($"reader{i}", clean: false, userName: $"user{i}");
            _ = await reader.SubscribeAsync("two", QoS.ExactlyOnce);
        }

        TestClient publisher = first.Open();
        _ = await publisher.ConnectAsync("publisher", userName: "publisher");
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("two", new string('x', 5_000), QoS.ExactlyOnce));
        for (int i = 0; i < 8; i++)
            await FillUserAsync(first, $"user{i}", topics: 40);
        Assert.IsGreaterThan(0L, first.Counters.Dropped(DropReason.RetainedFull), "the test is to fill it");
        (int InFlight, int Waiting)[] before = Look(first);
        Assert.IsTrue(before.All(static reader => reader is { InFlight: > 0, Waiting: > 0 }), "some go, and some wait");

        await using BrokerOnDisk second = BrokerOnDisk.StartOn(await first.CrashAsync(), Limits, access: new NamedUsers());
        CollectionAssert.AreEqual(before, Look(second), "what waits again goes under another Packet Identifier: a QoS 2 message comes twice");

        static (int InFlight, int Waiting)[] Look(BrokerOnDisk broker) =>
            broker.Look(static b => b.Sessions.All.Where(static s => s.ClientId.StartsWith("reader", StringComparison.Ordinal)).OrderBy(static s => s.ClientId, StringComparer.Ordinal).Select(static s => (s.InflightCount, s.Queue.Count)).ToArray());
    }

    // A Raspberry Pi gets a smaller limit, or the data folder goes to a smaller machine. It was sent under another Packet Identifier, which the client took for
    // another message: QoS 2 came twice.
    [TestMethod]
    public async Task Start_NoMemoryForWhatWasInFlightAtQoS2_GoesOnceMoreUnderItsOwnPacketIdentifierAndComesOnce()
    {
        const int Readers = 10;
        const int Messages = 25;
        BrokerOnDisk large = BrokerOnDisk.StartOn(new MemoryStorage(), static limits => (limits.MemoryBytesMax, limits.InflightBytesMax) = (1024L * Mebibyte, 8 * Mebibyte), access: new NamedUsers());
        List<TestClient> readers = [];
        for (int i = 0; i < Readers; i++)
        {
            readers.Add(large.Open());
            _ = await readers[i].ConnectAsync($"reader{i}", clean: false, userName: $"user{i}");
            _ = await readers[i].SubscribeAsync($"two/{i}", QoS.ExactlyOnce);
        }

        TestClient publisher = large.Open();
        _ = await publisher.ConnectAsync("publisher", userName: "publisher");
        Dictionary<string, ushort> before = [];
        for (int i = 0; i < Readers; i++)
            for (int m = 0; m < Messages; m++)
            {
                Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync($"two/{i}", $"{i}-{m} {new string('x', 100_000)}", QoS.ExactlyOnce));
                ReceivedPublish received = await readers[i].ReceivePublishAsync(); // PUBREC is lost with the gateway
                before.Add(received.Payload.Split(' ')[0], received.PacketId);
            }

        await using BrokerOnDisk small = BrokerOnDisk.StartOn(await large.CrashAsync(), static limits => limits.MemoryBytesMax = 16 * Mebibyte, access: new NamedUsers());
        (long used, long max) = small.Look(static b => (b.Owners[Good.Memory].Used, b.Owners[Good.Memory].Max));
        Assert.IsLessThanOrEqualTo(max, used);
        for (int i = 0; i < Readers; i++)
        {
            TestClient again = small.Open();
            Assert.AreEqual(0, (await again.ConnectAsync($"reader{i}", clean: false, userName: $"user{i}")).Code, "it has more than its share is now, and gets in to take it");
            for (int m = 0; m < Messages; m++)
            {
                ReceivedPublish received = await again.ReceivePublishAsync();
                Assert.AreEqual((before[$"{i}-{m}"], true), (received.PacketId, received.Dup), $"{i}-{m}");
                Assert.AreEqual($"{i}-{m} {new string('x', 100_000)}", received.Payload);
            }

            for (int m = 0; m < Messages; m++)
                await again.AcknowledgeAsync(QoS.ExactlyOnce, before[$"{i}-{m}"]);
            await again.ExpectNothingAsync();
            await again.DropAsync();
        }

        small.AssertLedgerBalances();
    }

    // Its flow ended with PUBREL at QoS 1, too, where the client knows of no such Packet Identifier.
    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task Start_MessageInFlightOnTheDiskAloneAndDamaged_DroppedAndOnlyAtQoS2FollowedByPubRel(QoS qos)
    {
        const int Messages = 36;
        BrokerOnDisk large = BrokerOnDisk.StartOn(new MemoryStorage(), static limits => (limits.MemoryBytesMax, limits.InflightBytesMax) = (1024L * Mebibyte, 8 * Mebibyte), access: new NamedUsers());
        TestClient reader = large.Open();
        _ = await reader.ConnectAsync("reader", clean: false, userName: "ann");
        _ = await reader.SubscribeAsync("t", qos);
        TestClient publisher = large.Open();
        _ = await publisher.ConnectAsync("publisher", userName: "publisher");
        ushort last = 0;
        for (int i = 1; i <= Messages; i++)
        {
            string payload = (i == Messages ? "the damaged one " : $"{i} ") + new string('x', 100_000);
            Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("t", payload, qos));
            last = (await reader.ReceivePublishAsync()).PacketId; // not acknowledged
        }

        await using BrokerOnDisk small = BrokerOnDisk.StartOn(await large.CrashAsync(), static limits => limits.MemoryBytesMax = 16 * Mebibyte, access: new NamedUsers());
        Assert.IsTrue(small.Look(b => InFlight(b).Single(sent => sent.PacketId == last).Inflight.Message!.IsReference), "the test is to have it on the disk alone");
        string segment = small.Disk.List().Single(name => small.Disk.Read(name).AsSpan().IndexOf("the damaged one"u8) >= 0);
        small.Disk.Damage(segment, static bytes =>
        {
            bytes[bytes.AsSpan().IndexOf("the damaged one"u8)] ^= 1;
            return bytes;
        });

        TestClient again = small.Open();
        Assert.AreEqual(0, (await again.ConnectAsync("reader", clean: false, userName: "ann")).Code);
        List<ushort> received = [];
        for (int i = 1; i < Messages; i++)
            received.Add((await again.ReceivePublishAsync()).PacketId);
        if (qos == QoS.ExactlyOnce)
        {
            Assert.AreEqual(ReasonCode.Success, await again.ExpectAckAsync(PacketType.PubRel, last));
            await again.SendAckAsync(PacketType.PubComp, last);
        }

        await again.ExpectNothingAsync();
        Assert.IsFalse(small.Look(b => InFlight(b).Any(sent => sent.PacketId == last)), "its Packet Identifier is not free");
        Assert.AreEqual(1L, small.Counters.Dropped(DropReason.Damaged));
        small.AssertLedgerBalances();
        foreach (ushort packetId in received)
            await again.AcknowledgeAsync(qos, packetId);
        await again.ExpectNothingAsync();
        Assert.IsEmpty(small.Look(static b => InFlight(b).ToArray()));
        small.AssertLedgerBalances();

        static IEnumerable<(ushort PacketId, Inflight Inflight)> InFlight(BrokerState broker) => broker.Sessions.Find("reader")!.InFlight();
    }

    [TestMethod]
    public async Task Start_OfAUserThatMayHaveLessNow_KeepsWhatItHad()
    {
        static void Limits(GatewayLimits limits) => limits.RetainedMessagesMax = 20;
        BrokerOnDisk first = BrokerOnDisk.StartOn(new MemoryStorage(), Limits, access: new NamedUsers(ClientRole.Operator));
        await FillUserAsync(first, "ann", topics: 15);
        Assert.AreEqual(15, first.Look(static b => b.Retained.Count));

        await using BrokerOnDisk second = BrokerOnDisk.StartOn(await first.CrashAsync(), Limits, access: new NamedUsers());
        Assert.AreEqual(15, second.Look(static b => b.Retained.Count), "three quarters, and a quarter is its share now");
        Assert.AreEqual(15L, second.Look(static b => AnnOf(b.Owners)[Good.RetainedMessages].Used), "it gets no more before it has less");
    }

    [TestMethod]
    public void Recovery_OfMoreThanThereIsMemoryToRead_IsRefusedWithAWord()
    {
        RecordWriter record = new();
        RecoveredState large = new();
        for (int i = 2_001; i <= 2_100; i++)
            Hold(large, i);
        Assert.IsLessThanOrEqualTo(100 * (MemoryCost.Recovered + MemoryCost.Reference) * 2, large.Bytes);

        RecoveredState state = new(bytesMax: large.Bytes);
        for (int i = 1; i <= 1_000; i++)
        {
            Hold(state, i);
            record.Start(RecordKind.Settled).Add(Entry.Number(i, LedgerClass.Session)).Add(Outcome.Delivered.Value);
            state.Record(position: i, RecordLife.Event, record.Written);
        }

        Assert.AreEqual(0, state.Bytes, "what is over takes nothing");
        for (int i = 2_001; i <= 2_100; i++)
            Hold(state, i);
        JournalException refused = Assert.ThrowsExactly<JournalException>(() => Hold(state, 3_000));
        Assert.AreEqual(JournalFault.NoMemory, refused.Fault);
        StringAssert.Contains(refused.Message, "101 messages that wait", StringComparison.Ordinal);

        void Hold(RecoveredState into, int number)
        {
            new HeldRecord(Entry.Number(number, LedgerClass.Session), "reader", number, QoS.AtLeastOnce, Retain: false, Identifiers: null).Write(record);
            into.Record(position: number, RecordLife.Event, record.Written);
        }
    }

    private static Owner AnnOf(Owners owners) => owners.Of("ann", remote: null, ClientRole.Device);

    private static async Task FillAsync(BrokerOnDisk broker, int retained, int sessions)
    {
        await FillUserAsync(broker, "ann", retained);
        for (int i = 0; i < sessions; i++)
        {
            TestClient client = broker.Open();
            _ = await client.ConnectAsync($"s{i}", clean: false, userName: "ann");
            _ = await client.SubscribeAsync(new string('f', 60_000), QoS.AtLeastOnce);
            await client.DropAsync();
        }
    }

    private static async Task FillUserAsync(BrokerOnDisk broker, string user, int topics)
    {
        TestClient client = broker.Open();
        _ = await client.ConnectAsync($"c-{user}", userName: user);
        for (int i = 0; i < topics; i++)
            await client.PublishAsync($"{user}/{i}", new string('x', 50_000), QoS.AtLeastOnce, retain: true);
        await client.DropAsync();
    }

    private sealed class NamedUsers(ClientRole role = ClientRole.Device) : IAccessRules
    {
        public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(role) { UserName = connect.UserName };

        public Admission Recall(string clientId, string? userName, ClientRole before) => new(role) { UserName = userName };
    }
}
