using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>Even the reserve of the disk is gone: what changes nothing on the disk is not acknowledged as if it did, and goes on when there is room again.</summary>
[TestClass]
internal sealed class NoReserveTests
{
    private static TestBroker Start(out SlowCustody custody)
    {
        SlowCustody? made = null;
        TestBroker broker = TestBroker.Start(null, ground => ground.Custody = made = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        custody = made!;
        return broker;
    }

    private static void SetRoom(SlowCustody custody, bool hasRoom) => custody.IsFull = custody.HasNoReserve = !hasRoom;

    // The code of its CONNACK.
    private static async Task<byte> RefusedAsync(TestBroker broker, ProtocolVersion version, bool clean)
    {
        TestClient client = broker.Open(version);
        ConnAckPacket connAck = await client.ConnectAsync("board", clean, properties: version == ProtocolVersion.V5 ? new ConnectProperties { SessionExpirySeconds = 3600 } : null);
        await client.ExpectCloseAsync(CloseReason.QuotaExceeded);
        return connAck.Code;
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, (byte)0x80)]
    [DataRow(ProtocolVersion.V5, (byte)0x97)]
    public async Task SUBSCRIBE_NoReserve_RefusedAndNotSubscribed(ProtocolVersion version, byte code)
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await broker.ConnectDurableAsync("board", version);
        custody.HasNoReserve = true; // not full: it shows in the very call alone
        Assert.AreEqual(code, (byte)(await board.SubscribeAsync("t", QoS.AtLeastOnce)));
        TestClient other = await broker.ConnectAsync("other");
        _ = await other.SendPublishAsync("t", "for nobody");
        await board.ExpectNothingAsync();

        custody.HasNoReserve = false;
        Assert.AreEqual((byte)QoS.AtLeastOnce, (byte)(await board.SubscribeAsync("t", QoS.AtLeastOnce)));
        Assert.Contains("subscribed board t", custody.Calls);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, (byte)ConnectReturnCode.ServerUnavailable)]
    [DataRow(ProtocolVersion.V5, (byte)ReasonCode.QuotaExceeded)]
    public async Task CONNECT_SessionThatCannotBeKept_Refused(ProtocolVersion version, byte code)
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        custody.HasNoReserve = true;
        Assert.AreEqual(code, await RefusedAsync(broker, version, clean: false));
        Assert.AreEqual(0, broker.Look(static b => b.Sessions.Count));

        custody.HasNoReserve = false;
        _ = await broker.ConnectDurableAsync("board", version);
        Assert.Contains("session board", custody.Calls);
    }

    [TestMethod]
    public async Task CONNECT_OldSessionCannotBeEnded_RefusedAndItStays()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await broker.ConnectDurableAsync("board");
        _ = await board.SubscribeAsync("t", QoS.AtLeastOnce);
        await board.DropAsync();
        SetRoom(custody, hasRoom: false);
        Assert.AreEqual((byte)ConnectReturnCode.ServerUnavailable, await RefusedAsync(broker, ProtocolVersion.V311, clean: true));
        Assert.IsNotNull(broker.Look(static b => b.Sessions.Find("board")));
        Assert.DoesNotContain("ended board", custody.Calls);

        SetRoom(custody, hasRoom: true);
        _ = await broker.ConnectAsync("board");
        Assert.Contains("ended board", custody.Calls);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PUBREL_NoReserve_PUBCOMPWhenThereIsRoom(ProtocolVersion version)
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await broker.ConnectDurableAsync("board", version);
        _ = await board.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 1);
        _ = await board.ExpectAckAsync(PacketType.PubRec, 1);
        SetRoom(custody, hasRoom: false);
        await board.SendAckAsync(PacketType.PubRel, 1);
        await board.ExpectNothingAsync();
        Assert.DoesNotContain("close board 1", custody.Calls);

        SetRoom(custody, hasRoom: true);
        broker.Advance(2);
        _ = await board.ExpectAckAsync(PacketType.PubComp, 1);
        Assert.Contains("close board 1", custody.Calls);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PUBREC_NoReserve_PUBRELWhenThereIsRoom(ProtocolVersion version)
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await broker.ConnectDurableAsync("board", version);
        _ = await board.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient other = await broker.ConnectAsync("other");
        _ = await other.PublishAsync("t", "kept", QoS.ExactlyOnce);
        ReceivedPublish kept = await board.ReceivePublishAsync();
        SetRoom(custody, hasRoom: false);
        await board.SendAckAsync(PacketType.PubRec, kept.PacketId);
        await board.ExpectNothingAsync();

        // While the journal is still full, but has its reserve again.
        custody.HasNoReserve = false;
        broker.Advance(2);
        _ = await board.ExpectAckAsync(PacketType.PubRel, kept.PacketId);
        Assert.Contains("received 1", custody.Calls);
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_V311_NoReserve_UNSUBACKWhenThereIsRoom()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await broker.ConnectDurableAsync("board");
        _ = await board.SubscribeAsync("t", QoS.AtMostOnce);
        SetRoom(custody, hasRoom: false);
        UnsubscribePacket unsubscribe = new() { PacketId = board.NextPacketId(), Filters = [TestClient.Filter("t")] };
        await board.SendAsync(w => unsubscribe.Write(w, ProtocolVersion.V311));
        await board.ExpectNothingAsync();
        Assert.DoesNotContain("unsubscribed board t", custody.Calls);

        SetRoom(custody, hasRoom: true);
        broker.Advance(2);
        Assert.AreEqual(PacketType.UnsubAck, (await board.ReceiveAsync()).Type);
        Assert.Contains("unsubscribed board t", custody.Calls);
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_V5_NoReserve_ToldSoAndStillSubscribed()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await broker.ConnectDurableAsync("board", ProtocolVersion.V5);
        _ = await board.SubscribeAsync("t", QoS.AtMostOnce);
        SetRoom(custody, hasRoom: false);
        Assert.AreEqual(ReasonCode.ImplementationSpecificError, (await board.UnsubscribeAsync("t"))[0]);
        TestClient other = await broker.ConnectAsync("other");
        _ = await other.SendPublishAsync("t", "still");
        Assert.AreEqual("still", (await board.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PUBLISH_QoS2_IdentifierCannotBeKept_NotAcknowledgedAsIfItWere(ProtocolVersion version)
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await broker.ConnectDurableAsync("board", version);
        SetRoom(custody, hasRoom: false);
        _ = await board.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 1);
        if (version == ProtocolVersion.V5)
            Assert.AreEqual(ReasonCode.QuotaExceeded, await board.ExpectAckAsync(PacketType.PubRec, 1));
        else
            await board.ExpectNothingAsync();

        SetRoom(custody, hasRoom: true);
        broker.Advance(2);
        if (version == ProtocolVersion.V5)
            _ = await board.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 1);
        _ = await board.ExpectAckAsync(PacketType.PubRec, 1);
        Assert.Contains("open board 1", custody.Calls);
    }
}
