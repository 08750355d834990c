using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// A backup comes up beside clients that have gone on since. A client that has a QoS 2 Packet Identifier open from after the backup took a new message under it for a repetition, and swallowed it;
/// commands that were carried out since came once more.
/// </summary>
[TestClass]
internal sealed class RestoreTests
{
    private const string Command = """{"id":"1","cmd":"relay.set","from":"app","ttl":3600}""";

    // A journal of so many has one put aside for copies.
    private const int SegmentsMin = 8;

    private static readonly ConnectProperties Kept = new() { SessionExpirySeconds = 3600 };

    // What a restore leaves, of a gateway that goes on beside it.
    private static async Task<MemoryStorage> RestoreAsync(BrokerOnDisk gateway, string name = "one")
    {
        MemoryStorage image = await gateway.CrashAsync();
        RestoreMark.Write(image, name);
        return image;
    }

    private static async Task<(TestClient Client, bool IsPresent)> ConnectAsync(BrokerOnDisk gateway, string clientId)
    {
        TestClient client = gateway.Open(ProtocolVersion.V5);
        ConnAckPacket answer = await client.ConnectAsync(clientId, clean: false, properties: Kept);
        return (client, answer.SessionPresent);
    }

    // It goes with a beat behind the moment in which the journal's record is durable, which another thread finds out.
    private static Task MarkGoneAsync(BrokerOnDisk gateway) => Patience.Until(() =>
    {
        gateway.Advance(1);
        return !gateway.Disk.List().Contains(RestoreMark.FileName);
    }, "the end of the mark");

    private static async Task<BrokerOnDisk> StartAndSubscribeAsync()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        (TestClient ear, _) = await ConnectAsync(gateway, "ear");
        await ear.SubscribeAsync("t/#", QoS.ExactlyOnce);
        await ear.DropAsync();
        return gateway;
    }

    [TestMethod]
    [DataRow(null), DataRow(1)]
    public async Task Client_AfterARestore_IsToldOnceThatThereIsNoSessionAndGetsWhatWaitsAsNew(int? snapshotSteps)
    {
        BrokerOnDisk gateway = await StartAndSubscribeAsync();
        TestClient app = await gateway.ConnectAsync("app");
        await app.PublishAsync("t/1", "of the backup", QoS.ExactlyOnce);
        (TestClient ear, _) = await ConnectAsync(gateway, "ear");
        ushort before = (await ear.ReceivePublishAsync()).PacketId; // in flight when the backup is made

        gateway = BrokerOnDisk.StartOn(await RestoreAsync(gateway), snapshotSteps: snapshotSteps);
        Assert.AreEqual(1, gateway.Look(_ => gateway.State.SessionsNotAnew));
        for (int start = 0; start < 2; start++)
        {
            await MarkGoneAsync(gateway);
            gateway = BrokerOnDisk.StartOn(await gateway.CrashAsync(), snapshotSteps: snapshotSteps);
        }

        (TestClient told, bool isPresent) = await ConnectAsync(gateway, "ear");
        Assert.IsFalse(isPresent);
        ReceivedPublish first = await told.ReceivePublishAsync();
        Assert.AreEqual(("of the backup", false), (first.Payload, first.Dup));
        await told.ResetAsync(); // it may not have read even the CONNACK
        (told, isPresent) = await ConnectAsync(gateway, "ear");
        Assert.IsFalse(isPresent);
        first = await told.ReceivePublishAsync();
        Assert.AreEqual(("of the backup", false), (first.Payload, first.Dup));
        await told.AcknowledgeAsync(QoS.ExactlyOnce, first.PacketId);
        app = await gateway.ConnectAsync("app");
        await app.PublishAsync("t/2", "later", QoS.ExactlyOnce);
        ushort later = (await told.ReceivePublishAsync()).PacketId;
        await told.ResetAsync();

        (told, isPresent) = await ConnectAsync(gateway, "ear");
        Assert.IsTrue(isPresent, "it is told once more");
        ReceivedPublish again = await told.ReceivePublishAsync();
        Assert.AreEqual(("later", true, later), (again.Payload, again.Dup, again.PacketId));
        await told.AcknowledgeAsync(QoS.ExactlyOnce, later);
        gateway.Advance(2);
        gateway = BrokerOnDisk.StartOn(await gateway.CrashAsync(), snapshotSteps: snapshotSteps);
        Assert.IsTrue((await ConnectAsync(gateway, "ear")).IsPresent, "it is told once more after a restart");
        Assert.AreEqual(0, gateway.Look(_ => gateway.State.SessionsNotAnew));
        gateway.AssertLedgerBalances();
        await gateway.DisposeAsync();
        Assert.AreNotEqual(0, before);
    }

    [TestMethod]
    public async Task Client_HadAQoS2IdentifierOpenInTheBackup_NewMessageUnderItIsTaken()
    {
        BrokerOnDisk gateway = await StartAndSubscribeAsync();
        (TestClient mouth, _) = await ConnectAsync(gateway, "mouth");
        ushort packetId = await mouth.SendPublishAsync("t/1", "of the backup", QoS.ExactlyOnce);
        await mouth.ExpectAckAsync(PacketType.PubRec, packetId);

        gateway = BrokerOnDisk.StartOn(await RestoreAsync(gateway));
        (mouth, bool isPresent) = await ConnectAsync(gateway, "mouth");
        Assert.IsFalse(isPresent);
        Assert.IsEmpty(gateway.Look(static b => b.Sessions.Find("mouth")!.InboundQoS2));
        await gateway.DisposeAsync();
    }

    [TestMethod]
    public async Task Commands_ThatWaitedInTheBackup_AreDroppedCountedAndToldAndLaterOnesStay()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        (TestClient app, _) = await ConnectAsync(gateway, "app");
        await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.DropAsync();
        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        Assert.AreEqual(1, gateway.Look(static b => b.Mailboxes.Find("dev")!.Count));

        gateway = BrokerOnDisk.StartOn(await RestoreAsync(gateway));
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Restored));
        gateway.AssertLedgerBalances();
        (app, _) = await ConnectAsync(gateway, "app");
        List<string> told = [];
        while (!told.Exists(static receipt => receipt.Contains("restored", StringComparison.Ordinal)))
            told.Add((await app.ReceivePublishAndAckAsync()).Payload);
        StringAssert.Contains(told[^1], "dropped", StringComparison.Ordinal);
        await app.PublishAsync("dm/p2p/dev", Command.Replace("\"1\"", "\"2\"", StringComparison.Ordinal), QoS.AtLeastOnce);

        // The mark may be there still: what has come since is not of the backup.
        MemoryStorage left = await gateway.CrashAsync();
        Assert.IsTrue(left.List().Contains(RestoreMark.FileName));
        gateway = BrokerOnDisk.StartOn(left);
        Assert.AreEqual(1, gateway.Look(static b => b.Mailboxes.Find("dev")!.Count));
        await MarkGoneAsync(gateway);

        // A backup of that, restored, is another restore.
        gateway = BrokerOnDisk.StartOn(await RestoreAsync(gateway, "two"));
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Restored));
        gateway.AssertLedgerBalances();
        Assert.AreEqual(0, gateway.Look(static b => b.Kept().Ledger[LedgerClass.Mailbox].Pending));
        await gateway.DisposeAsync();
    }

    // It did not start: even the record that says of what the journal is needs some room.
    [TestMethod]
    [DataRow("goes on")]
    [DataRow("killed while it owes that")]
    [DataRow("killed behind that")]
    public async Task Start_NoRoomToSayThatItIsABackup_KeepsNothingAndSaysItWhenThereIsSome(string then)
    {
        BrokerOnDisk gateway = await StartWithoutAnyRoomAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Restored));
        (TestClient ear, bool isPresent) = await ConnectAsync(gateway, "s");
        Assert.IsFalse(isPresent);
        TestClient app = await gateway.ConnectAsync("app", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.QuotaExceeded, await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce));
        gateway.Advance(2);
        Assert.IsTrue(gateway.Disk.List().Contains(RestoreMark.FileName));
        await ear.DropAsync();

        if (then == "killed while it owes that")
        {
            MemoryStorage left = await gateway.CrashAsync();
            left.Capacity = long.MaxValue;
            gateway = NoReserveOnDiskTests.Start(left);
            Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Restored));
        }

        gateway.Disk.Capacity = long.MaxValue;
        await MarkGoneAsync(gateway);
        app = await gateway.ConnectAsync("app", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.Success, await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce));
        if (then == "killed behind that")
            gateway = NoReserveOnDiskTests.Start(await gateway.CrashAsync());
        Assert.AreEqual(1, gateway.Look(static b => b.Mailboxes.Find("dev")!.Count));
        Assert.AreEqual(1L, gateway.Look(static b => b.Kept().Ledger[LedgerClass.Mailbox].DroppedFor(DropReason.Restored)));
        Assert.IsFalse((await ConnectAsync(gateway, "s")).IsPresent);
        gateway.AssertLedgerBalances();
        await gateway.DisposeAsync();
    }

    // A backup on a disk that others have filled: there are no spares in one, and what is left of its last segment is for copies. Without a beat no snapshot was written, so that nothing can go from it and make room.
    private static async Task<BrokerOnDisk> StartWithoutAnyRoomAsync()
    {
        BrokerOnDisk gateway = NoReserveOnDiskTests.Start(new MemoryStorage { Capacity = 48 * 1024 * 1024 });
        (TestClient ear, _) = await ConnectAsync(gateway, "s");
        _ = await ear.SubscribeAsync("t", QoS.ExactlyOnce);
        await ear.DropAsync();
        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.DropAsync();
        TestClient app = await gateway.ConnectAsync("app");
        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        _ = await NoReserveOnDiskTests.FillAsync(gateway);
        gateway.Custody.Commit();
        await Patience.Until(() => gateway.Look(b => b.Turn.Gate.Durable >= gateway.Custody.LastPosition), "the disk");

        MemoryStorage restored = await gateway.CrashAsync();
        foreach (string name in restored.List().Where(static name => !FileNames.IsSegment(name, out _)))
            restored.Delete(name);
        Assert.IsGreaterThanOrEqualTo(SegmentsMin, restored.List().Count);
        RestoreMark.Write(restored, "one");
        restored.Capacity -= restored.FreeBytes();
        gateway = NoReserveOnDiskTests.Start(restored);
        Assert.Contains(static l => l.Contains("no room for the record that says so", StringComparison.Ordinal), gateway.Lines);
        return gateway;
    }

    // Its CONNACK has no word for it: it swallowed what came under an identifier that it had open.
    [TestMethod]
    public async Task ClientOf31_AfterARestore_LetsGoEachIdentifierBeforeAMessageComesUnderIt()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        TestClient ear = await gateway.ConnectDurableAsync("ear", ProtocolVersion.V31);
        await ear.SubscribeAsync("t/#", QoS.ExactlyOnce);
        await ear.DropAsync();
        gateway = BrokerOnDisk.StartOn(await RestoreAsync(gateway));
        ear = await gateway.ConnectDurableAsync("ear", ProtocolVersion.V31);
        TestClient app = await gateway.ConnectAsync("app");
        for (int i = 0; i < 2; i++)
        {
            Task published = app.PublishAsync("t/1", "later", QoS.ExactlyOnce);
            await ear.ExpectAckAsync(PacketType.PubRel, (ushort)(i + 1));
            ReceivedPublish later = await ear.ReceivePublishAsync();
            Assert.AreEqual(("later", false, (ushort)(i + 1)), (later.Payload, later.Dup, later.PacketId));
            await ear.SendAckAsync(PacketType.PubComp, later.PacketId); // for what was let go
            await published;
            if (i == 1)
            {
                // Neither may have arrived.
                await ear.ResetAsync();
                ear = await gateway.ConnectDurableAsync("ear", ProtocolVersion.V31);
                await ear.ExpectAckAsync(PacketType.PubRel, later.PacketId);
                Assert.AreEqual(("later", true, later.PacketId), await ear.ReceivePublishAsync() is var again ? (again.Payload, again.Dup, again.PacketId) : default);
            }

            await ear.AcknowledgeAsync(QoS.ExactlyOnce, later.PacketId);
        }

        Assert.AreEqual(0, gateway.Look(static b => b.Sessions.Find("ear")!.InflightCount));
        await gateway.DisposeAsync();
    }

    [TestMethod]
    public async Task Mark_ThatIsNone_StartIsRefused()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        MemoryStorage left = await gateway.CrashAsync();
        left.Create(RestoreMark.FileName, 0).Dispose();
        Assert.ThrowsExactly<InvalidDataException>(() => BrokerOnDisk.StartOn(left));
    }
}
