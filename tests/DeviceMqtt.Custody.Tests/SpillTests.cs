using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>More waits than may be in memory.</summary>
[TestClass]
internal sealed class SpillTests
{
    private static BrokerOnDisk Start(MemoryStorage disk, long memoryBytesMax = 0) => BrokerOnDisk.StartOn(disk, l => l.WaitingMemoryBytesMax = memoryBytesMax);

    private static long InMemory(BrokerOnDisk gateway) => gateway.Look(b => b.Kept().Spill.BytesInMemory);

    [TestMethod]
    [DataRow(0L), DataRow(1000L), DataRow(long.MaxValue / 2)]
    public async Task WaitingMemoryBytesMax_Reached_TheRestReadFromTheDiskInOrderAndWhole(long memoryBytesMax)
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), l => l.WaitingMemoryBytesMax = Math.Min(memoryBytesMax, 1 << 30));
        TestClient subscriber = await gateway.ConnectDurableAsync("s", ProtocolVersion.V5);
        _ = await subscriber.SubscribeAsync("t/#", QoS.ExactlyOnce, identifier: 9);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        for (int i = 0; i < 20; i++)
            _ = await publisher.PublishAsync($"t/{i}", new string('x', i), QoS.AtLeastOnce, properties: p => p.Add(PropertyId.ContentType, $"type {i}"));
        long memory = InMemory(gateway);
        Assert.IsLessThanOrEqualTo(memoryBytesMax, memory);
        Assert.AreEqual(memoryBytesMax == 0, memory == 0);

        TestClient again = gateway.Open(ProtocolVersion.V5);
        _ = await again.ConnectAsync("s", clean: false, properties: new ConnectProperties { SessionExpirySeconds = 3600 });
        for (int i = 0; i < 20; i++)
        {
            ReceivedPublish received = await again.ReceivePublishAndAckAsync();
            Assert.AreEqual(($"t/{i}", new string('x', i)), (received.Topic, received.Payload));
            Assert.IsTrue(received.Properties.Any(p => p.Text == $"type {i}"), "the properties are not whole");
        }

        await again.ExpectNothingAsync();
        Assert.AreEqual(0, InMemory(gateway));
        gateway.AssertLedgerBalances();
        Assert.AreEqual(20, gateway.Look(b => b.Kept().Ledger[LedgerClass.Session].Delivered));
    }

    [TestMethod]
    public async Task Session_AwayWithAHundredThousandMessages_LosesNoneAtTheDefaults()
    {
        const int messages = 100_000;
        const int atOnce = 1_000;
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        byte[] payload = new byte[64];
        for (int i = 0; i < messages; i += atOnce)
        {
            await publisher.SendAsync(w =>
            {
                for (ushort id = 1; id <= atOnce; id++)
                    PublishPacket.Write(w, ProtocolVersion.V311, "t"u8, properties: default, payload, QoS.AtLeastOnce, retain: false, dup: false, id);
            });
            for (ushort id = 1; id <= atOnce; id++)
                Assert.AreEqual(ReasonCode.Success, await publisher.ExpectAckAsync(PacketType.PubAck, id));
        }

        Assert.AreEqual(0L, gateway.Counters.DroppedInAll);
        Assert.AreEqual(messages, gateway.Look(b => b.Sessions.Find("s")!.Queue.Count));
        Assert.AreEqual(messages, gateway.Look(b => b.Kept().Ledger[LedgerClass.Session].Pending));
    }

    [TestMethod]
    public async Task Message_WaitsForManyAndIsRetained_OnTheDiskUntilTheLastHasIt()
    {
        BrokerOnDisk gateway = Start(new MemoryStorage());
        foreach (string clientId in new[] { "a", "b", "c" })
        {
            TestClient subscriber = await gateway.ConnectDurableAsync(clientId);
            _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
            await subscriber.DropAsync();
        }

        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("t", "one", QoS.AtLeastOnce, retain: true);
        _ = await publisher.PublishAsync("t", "two", QoS.AtLeastOnce);
        _ = await publisher.PublishAsync("dm/p2p/a", "for a", QoS.AtLeastOnce);
        await ExpectAsync(gateway, "a", "for a", "one", "two"); // commands pass what waits
        MemoryStorage disk = await gateway.CrashAsync();
        gateway = Start(disk);
        Assert.AreEqual(0, InMemory(gateway));
        await ExpectAsync(gateway, "b", "one", "two");
        gateway = Start(await gateway.CrashAsync());
        await ExpectAsync(gateway, "c", "one", "two");
        TestClient late = await gateway.ConnectAsync("late");
        _ = await late.SubscribeAsync("t", QoS.AtLeastOnce);
        Assert.AreEqual("one", (await late.ReceivePublishAndAckAsync()).Payload);
        gateway.AssertLedgerBalances();
        await gateway.DisposeAsync();
    }

    [TestMethod]
    public async Task Message_DamagedWhileItWaited_DroppedAndCountedAndTheOthersDelivered()
    {
        await using BrokerOnDisk gateway = Start(new MemoryStorage());
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        foreach (string payload in new[] { "before", "broken", "behind" })
            _ = await publisher.PublishAsync("t", payload, QoS.AtLeastOnce);
        MemoryStorage disk = gateway.Disk!;
        string segment = disk.List().Single(n => disk.Read(n).AsSpan().IndexOf("broken"u8) >= 0);
        disk.Damage(segment, bytes =>
        {
            bytes[bytes.AsSpan().IndexOf("broken"u8)] ^= 1;
            return bytes;
        });
        await ExpectAsync(gateway, "s", "before", "behind");
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Damaged));
        gateway.AssertLedgerBalances();
    }

    /// <summary>It was in no queue any more, unsettled and uncounted, and whoever was to get it lost its connection.</summary>
    [TestMethod]
    [DataRow("t")]
    [DataRow("dm/p2p/s")] // a command: its sender's connection went
    public async Task Message_UnreadableWhereItWaited_DroppedAndCountedAndTheOthersDelivered(string topic)
    {
        await using BrokerOnDisk gateway = Start(new MemoryStorage());
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        string broken = "broken " + new string('x', 5000);
        foreach (string payload in new[] { "before", broken, "behind" })
            _ = await publisher.PublishAsync(topic, payload, QoS.AtLeastOnce);
        MemoryStorage disk = gateway.Disk!;
        string segment = disk.List().Single(n => disk.Read(n).AsSpan().IndexOf("broken"u8) >= 0);
        disk.Wear(segment, disk.Read(segment).AsSpan().IndexOf("broken"u8) + 1000, 512);
        await ExpectAsync(gateway, "s", "before", "behind");
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Damaged));
        Assert.ContainsSingle(l => l.Contains($"cannot be read (Input/output error): '{segment}', byte ", StringComparison.Ordinal), gateway.Lines);
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("t", "more", QoS.AtLeastOnce));
        gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task Message_ExpiredOrDroppedOnTheDisk_Counted()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), l => (l.WaitingMemoryBytesMax, l.QueueMessagesMax) = (0, 2));
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        foreach (string payload in new[] { "pushed out", "expires", "stays" })
            _ = await publisher.PublishAsync("t", payload, QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, payload == "expires" ? 10u : 1000u));
        gateway.Advance(20);
        await ExpectAsync(gateway, "s", "stays");
        LedgerAccount account = gateway.Look(b => b.Kept().Ledger[LedgerClass.Session]);
        Assert.AreEqual((3, 1, 1, 1), (account.Accepted, account.Delivered, account.Expired, account.Dropped));
    }

    private static async Task ExpectAsync(BrokerOnDisk gateway, string clientId, params string[] payloads)
    {
        TestClient client = gateway.Open();
        _ = await client.ConnectAsync(clientId, clean: false);
        foreach (string payload in payloads)
            Assert.AreEqual(payload, (await client.ReceivePublishAndAckAsync()).Payload);
        await client.ExpectNothingAsync();
        await client.DropAsync();
    }
}
