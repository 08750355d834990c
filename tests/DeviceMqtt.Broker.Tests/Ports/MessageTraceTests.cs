using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>Each step of a message is told where it happens, and nothing at all while nobody follows.</summary>
[TestClass]
internal sealed class MessageTraceTests
{
    private static TestBroker Start(out RecordingTrace trace, Action<GatewayLimits>? limits = null)
    {
        RecordingTrace recorder = trace = new RecordingTrace();
        return TestBroker.Start(limits, ground => ground.Counters.Trace = recorder);
    }

    private static void Expect(RecordingTrace trace, params string[] lines) => CollectionAssert.AreEqual(lines, trace.Lines, string.Join('\n', trace.Lines));

    private static async Task<(TestClient Subscriber, TestClient Publisher)> ConnectPairAsync(TestBroker broker, QoS qos)
    {
        TestClient subscriber = await broker.ConnectAsync("subscriber");
        _ = await subscriber.SubscribeAsync("a/#", qos);
        return (subscriber, await broker.ConnectAsync("publisher"));
    }

    // A subscriber whose Session stays.
    private static async Task LeaveAsync(TestBroker broker)
    {
        TestClient away = await broker.ConnectDurableAsync("away");
        _ = await away.SubscribeAsync("a/#", QoS.AtLeastOnce);
        await away.DisconnectAsync();
        await away.WaitForEndAsync();
    }

    [TestMethod]
    public async Task PUBLISH_QoS0_AcceptedAndSent()
    {
        await using TestBroker broker = Start(out RecordingTrace trace);
        (TestClient subscriber, TestClient publisher) = await ConnectPairAsync(broker, QoS.AtLeastOnce);

        _ = await publisher.SendPublishAsync("a/b", "x");
        _ = await subscriber.ReceivePublishAsync();

        Expect(trace, "1 accepted a/b from publisher at 127.0.0.1:40000", "1 handed subscriber Sent 0 0");
    }

    [TestMethod]
    public async Task PUBLISH_QoS1_EachStepUntilTheAcknowledgement()
    {
        await using TestBroker broker = Start(out RecordingTrace trace);
        (TestClient subscriber, TestClient publisher) = await ConnectPairAsync(broker, QoS.AtLeastOnce);

        _ = await publisher.PublishAsync("a/b", "x", QoS.AtLeastOnce);
        _ = await subscriber.ReceivePublishAndAckAsync();
        await subscriber.ExpectNothingAsync();

        Expect(trace, "1 accepted a/b from publisher at 127.0.0.1:40000", "1 handed subscriber Sent 1 1", "1 answered Success", "acknowledged subscriber PubAck 1");
    }

    [TestMethod]
    public async Task PUBLISH_QoS1_TheSessionEndsBeforeTheAcknowledgement_ItsFlowEnds()
    {
        await using TestBroker broker = Start(out RecordingTrace trace);
        (TestClient subscriber, TestClient publisher) = await ConnectPairAsync(broker, QoS.AtLeastOnce);

        _ = await publisher.PublishAsync("a/b", "x", QoS.AtLeastOnce);
        _ = await subscriber.ReceivePublishAsync();
        await subscriber.DisconnectAsync();
        await subscriber.WaitForEndAsync();

        Assert.AreEqual("flow of subscriber ended", trace.Lines[^1]);
    }

    [TestMethod]
    public async Task PUBLISH_QoS2_BothAcknowledgements()
    {
        await using TestBroker broker = Start(out RecordingTrace trace);
        (TestClient subscriber, TestClient publisher) = await ConnectPairAsync(broker, QoS.ExactlyOnce);

        _ = await publisher.PublishAsync("a/b", "x", QoS.ExactlyOnce);
        _ = await subscriber.ReceivePublishAndAckAsync();
        await subscriber.ExpectNothingAsync();

        Assert.Contains("acknowledged subscriber PubRec 1", trace.Lines);
        Assert.Contains("acknowledged subscriber PubComp 1", trace.Lines);
    }

    [TestMethod]
    public async Task PUBLISH_ForOneWhoIsAway_WaitsThenGoesOut()
    {
        await using TestBroker broker = Start(out RecordingTrace trace);
        await LeaveAsync(broker);
        TestClient publisher = await broker.ConnectAsync("publisher");
        _ = await publisher.PublishAsync("a/b", "x", QoS.AtLeastOnce);
        Assert.Contains("1 held Session away", trace.Lines);

        TestClient away = await broker.ConnectDurableAsync("away");
        _ = await away.ReceivePublishAndAckAsync();
        await away.ExpectNothingAsync();

        Assert.AreEqual("acknowledged away PubAck 1|1 handed away Sent 1 1", string.Join('|', trace.Lines.Where(static line => line.Contains("PubAck", StringComparison.Ordinal) || line.Contains("Sent", StringComparison.Ordinal)).Reverse()));
    }

    [TestMethod]
    public async Task PUBLISH_QoS0ForOneWhoIsAway_SaidToo()
    {
        await using TestBroker broker = Start(out RecordingTrace trace);
        await LeaveAsync(broker);
        TestClient publisher = await broker.ConnectAsync("publisher");

        _ = await publisher.SendPublishAsync("a/b", "x");
        await publisher.ExpectNothingAsync();

        Assert.Contains("1 handed away Absent 0 0", trace.Lines);
    }

    [TestMethod]
    public async Task PUBLISH_OldestOfAFullQueue_DroppedWithItsReason()
    {
        await using TestBroker broker = Start(out RecordingTrace trace, static limits => limits.QueueMessagesMax = 1);
        await LeaveAsync(broker);
        TestClient publisher = await broker.ConnectAsync("publisher");

        _ = await publisher.PublishAsync("a/b", "1", QoS.AtLeastOnce);
        _ = await publisher.PublishAsync("a/b", "2", QoS.AtLeastOnce);

        Assert.Contains("1 dropped away SessionQueueFull", trace.Lines);
        Assert.DoesNotContain("2 dropped away SessionQueueFull", trace.Lines);
    }

    [TestMethod]
    public async Task PUBLISH_ToAReservedTopic_AcceptedAndDropped()
    {
        await using TestBroker broker = Start(out RecordingTrace trace);
        TestClient publisher = await broker.ConnectAsync("publisher");

        _ = await publisher.PublishAsync("$SYS/x", "x", QoS.AtLeastOnce);

        Expect(trace, "1 accepted $SYS/x from publisher at 127.0.0.1:40000", "1 dropped publisher ReservedTopic", "1 answered NotAuthorized");
    }

    [TestMethod]
    public async Task P2P_ForASleeper_InItsMailbox()
    {
        await using TestBroker broker = Start(out RecordingTrace trace);
        TestClient device = await broker.ConnectAsync("device");
        await device.DisconnectAsync();
        await device.WaitForEndAsync();
        TestClient publisher = await broker.ConnectAsync("publisher");

        _ = await publisher.PublishAsync("dm/p2p/device", """{"id":"k1","cmd":"ping"}""", QoS.AtLeastOnce);

        Assert.Contains("1 held Mailbox device", trace.Lines);
    }

    [TestMethod]
    public async Task Follower_ComesAndGoes_ToldOnlyMeanwhile()
    {
        await using TestBroker broker = TestBroker.Start();
        RecordingTrace trace = new();
        TestClient publisher = await broker.ConnectAsync("publisher");
        _ = await publisher.PublishAsync("a/1", "x", QoS.AtLeastOnce);

        _ = broker.Look(b => b.Counters.Trace = trace);
        _ = await publisher.PublishAsync("a/2", "x", QoS.AtLeastOnce);
        _ = broker.Look(b => b.Counters.Trace = null);
        _ = await publisher.PublishAsync("a/3", "x", QoS.AtLeastOnce);

        Expect(trace, "1 accepted a/2 from publisher at 127.0.0.1:40000", "1 answered NoMatchingSubscribers");
    }
}
