using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>More is on its way to the disk than may be: who has something written waits, everybody else is served.</summary>
[TestClass]
internal sealed class BehindCustodyTests
{
    private static TestBroker Start(out SlowCustody custody)
    {
        SlowCustody? made = null;
        TestBroker broker = TestBroker.Start(limits: null, ground => ground.Custody = made = SlowCustody.OnDisk(ground));
        custody = made!;
        return broker;
    }

    [TestMethod]
    public async Task DiskIsBehind_PingsAndAcknowledgementsAreRead_PublishersWait()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await broker.ConnectAsync("publisher");
        _ = await publisher.PublishAsync("t", "1", QoS.AtLeastOnce);
        ReceivedPublish received = await subscriber.ReceivePublishAsync();

        custody.IsBehind = true;
        await subscriber.ExpectNothingAsync();
        await subscriber.SendAckAsync(PacketType.PubAck, received.PacketId);
        await subscriber.ExpectNothingAsync();
        Assert.IsEmpty(custody.Held, "the acknowledgement was not read");

        _ = await publisher.SendPublishAsync("other", "held back behind it");
        Task<ReceivedPacket> answer = PingAsync(publisher);
        await subscriber.ExpectNothingAsync();
        Assert.IsFalse(answer.IsCompleted, "who has more written was not held back");
        custody.IsBehind = false;
        custody.Catch();
        Assert.AreEqual(PacketType.PingResp, (await answer).Type);
    }

    private static async Task<ReceivedPacket> PingAsync(TestClient client)
    {
        await client.SendAsync(PingPackets.PingReq.ToArray());
        return await client.ReceiveAsync();
    }
}
