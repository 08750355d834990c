using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>A receipt that found no room with the end of its command was asked for once more behind it, and counted as two.</summary>
[TestClass]
internal sealed class ReceiptWithoutRoomTests
{
    [TestMethod]
    public async Task Receipt_NoRoomWithTheEndOfItsCommand_AskedForOnce()
    {
        SlowCustody custody = null!;
        await using TestBroker broker = TestBroker.Start(null, ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        TestClient dev = await broker.ConnectAsync("dev");
        TestClient app = await broker.ConnectDurableAsync("app");
        _ = await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        _ = await app.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);
        ushort packetId = (await dev.ReceivePublishAsync()).PacketId;
        custody.HasNoReserve = true;

        await dev.SendAckAsync(PacketType.PubAck, packetId);
        await dev.ExpectNothingAsync();

        Assert.AreEqual(1, custody.HeldWithoutRoom);
    }
}
