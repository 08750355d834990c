using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>What the broker tells an upstream, and what a publisher waits for when a message is to go there.</summary>
[TestClass]
internal sealed class UpstreamPortTests
{
    private static TestBroker Start(out SlowCustody custody, out RecordingUpstream upstream)
    {
        SlowCustody? made = null;
        TestBroker broker = TestBroker.Start(limits: null, ground => ground.Custody = made = new SlowCustody(ground.Counters, ground.Turn));
        custody = made!;
        RecordingUpstream recorder = upstream = new RecordingUpstream(broker.Broker);
        _ = broker.Look(b =>
        {
            b.ConnectUpstream(recorder);
            b.Upstreams.Backlogs.Add(RecordingUpstream.Name, recorder);
            return true;
        });
        return broker;
    }

    [TestMethod]
    public async Task Client_ComesAndGoes_TheUpstreamIsToldInThatOrder()
    {
        await using TestBroker broker = Start(out _, out RecordingUpstream upstream);
        TestClient client = await broker.ConnectAsync("device", will: new WillMessage { Topic = "gone", Payload = [] });
        await client.DropAsync();
        CollectionAssert.IsSubsetOf(new[] { "came device gone", "left device" }, upstream.Calls);
        Assert.IsLessThan(upstream.Calls.IndexOf("left device"), upstream.Calls.IndexOf("came device gone"));
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce, PacketType.PubAck)]
    [DataRow(QoS.ExactlyOnce, PacketType.PubRec)]
    public async Task PUBLISH_ForTheUpstream_AcknowledgedWhenItsBacklogIsKept(QoS qos, PacketType ack)
    {
        await using TestBroker broker = Start(out SlowCustody custody, out RecordingUpstream upstream);
        TestClient publisher = await broker.ConnectAsync("publisher");
        ushort id = await publisher.SendPublishAsync("up/a", "x", qos);
        Assert.Contains("offer up/a", upstream.Calls);
        Assert.IsNull(publisher.TryReceiveNow(), "acknowledged before it was kept for the upstream");
        custody.Catch();
        _ = await publisher.ExpectAckAsync(ack, id);
        Assert.HasCount(1, upstream.All());
        upstream.Acknowledge();
        Assert.IsEmpty(custody.Held);
    }

    [TestMethod]
    public async Task PUBLISH_NotForTheUpstream_NotOfferedAndAcknowledgedAtOnce()
    {
        await using TestBroker broker = Start(out _, out RecordingUpstream upstream);
        TestClient publisher = await broker.ConnectAsync("publisher");
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("stays", "x", QoS.AtLeastOnce));
        Assert.IsEmpty(upstream.All());
    }

    [TestMethod]
    public async Task PUBLISH_ForTheUpstreamAndCustodyIsFull_RefusedWithQuotaExceeded()
    {
        await using TestBroker broker = Start(out SlowCustody custody, out RecordingUpstream upstream);
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        custody.IsFull = true;
        Assert.AreEqual(ReasonCode.QuotaExceeded, await publisher.PublishAsync("up/a", "x", QoS.AtLeastOnce));
        Assert.IsEmpty(upstream.All());
    }
}
