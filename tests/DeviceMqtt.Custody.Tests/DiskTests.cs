using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>What leaves before the disk has it, what does not, and what happens when the disk is full.</summary>
[TestClass]
internal sealed class DiskTests
{
    [TestMethod]
    public async Task PUBACK_DiskIsBusy_NotBeforeTheMessageIsOnIt()
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk);
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("durable", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        TestClient other = await gateway.ConnectAsync("o");
        using DiskStop stop = new(disk);
        ushort durable = await publisher.SendPublishAsync("durable", "x", QoS.AtLeastOnce);
        await stop.WaitUntilStandingAsync();
        // Nothing durable waits for this one: acknowledged at once, though the disk stands.
        Assert.AreEqual(ReasonCode.Success, await other.PublishAsync("nobody", "y", QoS.AtLeastOnce));
        Assert.IsNull(publisher.TryReceiveNow(), "the PUBACK came before the disk had the message");
        stop.GoOn();
        _ = await publisher.ExpectAckAsync(PacketType.PubAck, durable);
    }

    [TestMethod]
    public async Task CONNACK_OfASessionThatStays_NotBeforeItIsOnTheDisk()
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk);
        await (await gateway.ConnectDurableAsync("first")).DisconnectAsync(); // the segment is made
        using DiskStop stop = new(disk);
        TestClient client = gateway.Open();
        await client.SendConnectAsync("s", clean: false);
        await stop.WaitUntilStandingAsync();
        Assert.IsNull(client.TryReceiveNow(), "the CONNACK came before the disk had the Session");
        stop.GoOn();
        Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
    }

    [TestMethod]
    public async Task JournalBytesMax_Reached_5_0IsToldAnd3_1_1IsNotReadUntilThereIsRoom()
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, l =>
        {
            l.JournalBytesMax = 32 * 1024 * 1024;
            l.JournalFullPauseMs = 1000;
        });
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient filler = await gateway.ConnectAsync("f", ProtocolVersion.V5);
        string large = new('x', 200_000);
        ReasonCode code = ReasonCode.Success;
        int accepted = 0;
        // Retained under ever new names: nothing of it can be dropped to make room.
        while ((code = await filler.PublishAsync($"r/{accepted}", large, QoS.AtLeastOnce, retain: true)) < ReasonCode.UnspecifiedError)
            accepted++;
        Assert.AreEqual(ReasonCode.QuotaExceeded, code);
        Assert.IsGreaterThan(30, accepted);
        Assert.IsGreaterThan(0, gateway.Counters.Dropped(DropReason.JournalFull));
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await filler.PublishAsync("nobody", "x", QoS.AtLeastOnce), "what nobody has to keep needs no room");

        TestClient old = await gateway.ConnectAsync("old");
        ushort id = await old.SendPublishAsync("t", "kept back", QoS.AtLeastOnce);
        gateway.Advance(2);
        Assert.IsNull(old.TryReceiveNow(), "it was acknowledged without room for it");

        // Room again: the retained messages go, a snapshot lets their segments go.
        for (int i = 0; i < accepted; i++)
            await filler.PublishAsync($"r/{i}", "", retain: true);
        await Patience.Until(() =>
        {
            gateway.Advance(1);
            return !gateway.State.Status!.Value.IsFull;
        }, "room in the journal");
        gateway.Advance(2);
        _ = await old.ExpectAckAsync(PacketType.PubAck, id);
    }

    [TestMethod]
    public async Task JournalFreeBytesMin_Reached_NothingMoreIsTaken()
    {
        MemoryStorage disk = new() { Capacity = 24 * 1024 * 1024 };
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, l => l.JournalFreeBytesMin = 8 * 1024 * 1024);
        TestClient filler = await gateway.ConnectAsync("f", ProtocolVersion.V5);
        string large = new('x', 200_000);
        for (int i = 0; await filler.PublishAsync($"r/{i}", large, QoS.AtLeastOnce, retain: true) < ReasonCode.UnspecifiedError; i++)
            Assert.IsLessThan(200, i, "the disk does not fill up");
        Assert.IsGreaterThanOrEqualTo(8 * 1024 * 1024, disk.FreeBytes());
    }

    [TestMethod]
    public async Task JournalFullPauseMs_Over_TheClientIsReadAgain()
    {
        MemoryStorage disk = new() { Capacity = 20 * 1024 * 1024 };
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, l => (l.JournalFreeBytesMin, l.JournalFullPauseMs) = (8 * 1024 * 1024, 5000));
        TestClient filler = await gateway.ConnectAsync("f", ProtocolVersion.V5);
        string large = new('x', 200_000);
        for (int i = 0; await filler.PublishAsync($"r/{i}", large, QoS.AtLeastOnce, retain: true) < ReasonCode.UnspecifiedError; i++)
            Assert.IsLessThan(200, i, "the disk does not fill up");
        TestClient old = await gateway.ConnectAsync("old");
        ushort id = await old.SendPublishAsync("t", "x", QoS.AtLeastOnce, retain: true);
        disk.Capacity = 100 * 1024 * 1024;
        gateway.Advance(4);
        Assert.IsNull(old.TryReceiveNow());
        gateway.Advance(2);
        _ = await old.ExpectAckAsync(PacketType.PubAck, id);
    }

    [TestMethod]
    public async Task Disk_HasNoRoomForAWhile_SaysSoAndGoesOnByItself()
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk);
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        // Nothing is written but what is published from here on.
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("t", "before", QoS.AtLeastOnce));
        await Patience.Until(() => gateway.State.Status!.Value.Spares == new JournalOptions().SparesMax, "spares");
        disk.Fault = (_, what) => what == "write" ? new IOException("No space left on device", 28) : null;
        ushort accepted = await publisher.SendPublishAsync("t", "x", QoS.AtLeastOnce);
        await Patience.Until(() => gateway.State.Status!.Value.IsFull, "a full journal");
        gateway.Advance(1);
        Assert.Contains(l => l.Contains("the journal is full", StringComparison.Ordinal), gateway.Lines);
        TestClient other = await gateway.ConnectAsync("o", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.QuotaExceeded, await other.PublishAsync("t", "y", QoS.AtLeastOnce));
        disk.Fault = null;
        Assert.AreEqual(ReasonCode.Success, await publisher.ExpectAckAsync(PacketType.PubAck, accepted));
        await Patience.Until(() => !gateway.State.Status!.Value.IsFull, "room");
        gateway.Advance(1);
        Assert.Contains(l => l.Contains("has room again", StringComparison.Ordinal), gateway.Lines);
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("t", "z", QoS.AtLeastOnce));
    }

    [TestMethod]
    public async Task JournalPendingBytesMax_Reached_ClientsAreNotReadUntilTheDiskHasTakenSome()
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, l => l.JournalPendingBytesMax = 64 * 1024);
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        using DiskStop stop = new(disk);
        List<ushort> sent = [];
        for (int i = 0; i < 20; i++)
            sent.Add(await publisher.SendPublishAsync("t", new string('x', 20_000), QoS.AtLeastOnce));
        await stop.WaitUntilStandingAsync();
        Assert.IsLessThan(20, gateway.Counters.MessagesReceived, "it reads on although the disk stands");
        stop.GoOn();
        foreach (ushort packetId in sent)
            _ = await publisher.ExpectAckAsync(PacketType.PubAck, packetId);
    }

    [TestMethod]
    public async Task Disk_Fails_NothingIsAcknowledgedAndTheGatewaySaysSo()
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk);
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("p");
        disk.Fault = (_, what) => what == "sync" ? new IOException("Input/output error", 5) : null;
        _ = await publisher.SendPublishAsync("t", "x", QoS.AtLeastOnce);
        Exception failure = await Patience.Within(gateway.State.Failed, "the failure of the journal");
        Assert.Contains("Input/output error", failure.Message, StringComparison.Ordinal);
        _ = await publisher.SendPublishAsync("t", "y", QoS.AtLeastOnce);
        Assert.IsNull(publisher.TryReceiveNow(), "something was acknowledged");
        disk.Fault = null;
    }

    // Its publisher gets no acknowledgement, and sends it again after the restart: it would come twice.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Disk_HasFailed_NothingOfQoS2GoesOut(bool isDurable)
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk);
        TestClient subscriber = isDurable ? await gateway.ConnectDurableAsync("s") : await gateway.ConnectAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectDurableAsync("p");
        disk.Fault = (_, what) => what == "sync" ? new IOException("Input/output error", 5) : null;
        await gateway.Open().SendConnectAsync("another", clean: false);
        _ = await Patience.Within(gateway.State.Failed, "the failure of the journal");
        long before = gateway.Counters.MessagesReceived;
        _ = await publisher.SendPublishAsync("t", "x", QoS.ExactlyOnce);
        await Patience.Until(() => gateway.Counters.MessagesReceived > before, "the message");
        Assert.IsNull(subscriber.TryReceiveNow(), "it went out, and nothing of it is on the disk");
        disk.Fault = null;
    }
}
