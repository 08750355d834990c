using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>SUBSCRIBE and UNSUBSCRIBE: sections 3.8 to 3.11, and the options of 5.0.</summary>
[TestClass]
internal sealed class SubscribeTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task SUBSCRIBE_Received_SeveralFilters_OneCodeEachInOrder(ProtocolVersion version) // [MQTT-3.8.4-5]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", version);
        IReadOnlyList<ReasonCode> codes = await client.SubscribeAsync(
        [
            new(TestClient.Filter("a"), QoS.ExactlyOnce),
            new(TestClient.Filter("dm/p2p/somebody-else"), QoS.AtLeastOnce),
            new(TestClient.Filter("b/#"), QoS.AtMostOnce),
            new(TestClient.Filter("+/c"), QoS.AtLeastOnce),
        ]);
        ReasonCode refused = version == ProtocolVersion.V5 ? ReasonCode.NotAuthorized : ReasonCode.UnspecifiedError;
        CollectionAssert.AreEqual(new[] { ReasonCode.GrantedQoS2, refused, ReasonCode.Success, ReasonCode.GrantedQoS1 }, codes.ToArray());
    }

    [TestMethod]
    public async Task SUBSCRIBE_Received_SameFilterAgain_Replaces() // [MQTT-3.8.4-3]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client");
        await client.SubscribeAsync("t", QoS.AtMostOnce);
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", QoS.ExactlyOnce);
        Assert.AreEqual(QoS.AtLeastOnce, (await client.ReceivePublishAndAckAsync()).QoS);
        await client.ExpectNothingAsync();
        await client.SubscribeAsync("t", QoS.AtMostOnce);
        await publisher.PublishAsync("t", "x", QoS.ExactlyOnce);
        Assert.AreEqual(QoS.AtMostOnce, (await client.ReceivePublishAsync()).QoS);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task SUBSCRIBE_Received_OneFilterTwice_EachEntryHasItsOwnCodeAndTheLastHolds(ProtocolVersion version) // [MQTT-3.8.4-5]; 3.1.1: [MQTT-3.8.4-4]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", version);
        IReadOnlyList<ReasonCode> codes = await client.SubscribeAsync(
        [
            new(TestClient.Filter("a"), QoS.AtMostOnce),
            new(TestClient.Filter("dm/p2p/somebody-else"), QoS.AtMostOnce),
            new(TestClient.Filter("a"), QoS.ExactlyOnce),
            new(TestClient.Filter("dm/p2p/somebody-else"), QoS.AtLeastOnce),
            new(TestClient.Filter("a"), QoS.AtLeastOnce),
        ]);
        ReasonCode refused = version == ProtocolVersion.V5 ? ReasonCode.NotAuthorized : ReasonCode.UnspecifiedError;
        CollectionAssert.AreEqual(new[] { ReasonCode.Success, refused, ReasonCode.GrantedQoS2, refused, ReasonCode.GrantedQoS1 }, codes.ToArray());
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("a", "x", QoS.ExactlyOnce);
        Assert.AreEqual(QoS.AtLeastOnce, (await client.ReceivePublishAndAckAsync()).QoS);
        await client.ExpectNothingAsync();
    }

    // As two packets would: the first asks for what is retained, and the second does not take that back.
    [TestMethod]
    [DataRow(RetainHandling.SendAtSubscribe, RetainHandling.DoNotSend, true)]
    [DataRow(RetainHandling.SendIfNewSubscription, RetainHandling.DoNotSend, true)]
    [DataRow(RetainHandling.DoNotSend, RetainHandling.SendIfNewSubscription, false)]
    [DataRow(RetainHandling.DoNotSend, RetainHandling.SendAtSubscribe, true)]
    public async Task SUBSCRIBE_Received_OneFilterTwice_RetainedAsOfTwoPackets(RetainHandling first, RetainHandling second, bool isSent)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("a", "kept", QoS.AtLeastOnce, retain: true);
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        _ = await client.SubscribeAsync(
        [
            new(TestClient.Filter("a"), QoS.AtMostOnce) { RetainHandling = first },
            new(TestClient.Filter("a"), QoS.AtMostOnce) { RetainHandling = second },
        ]);
        if (isSent)
            Assert.AreEqual("kept", (await client.ReceivePublishAsync()).Payload);
        await client.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_Received_NoMoreMessages() // [MQTT-3.10.4-2]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client");
        await client.SubscribeAsync("t/+");
        await client.SubscribeAsync("t/1");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await client.UnsubscribeAsync("t/+");
        await publisher.PublishAsync("t/2", "no more");
        await publisher.PublishAsync("t/1", "still");
        Assert.AreEqual("still", (await client.ReceivePublishAsync()).Payload);
        await client.UnsubscribeAsync("t/1", "t/1", "never/was");
        await publisher.PublishAsync("t/1", "no more");
        await client.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_Received_V5_OneCodeEach() // [MQTT-3.11.3-1]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("a");
        IReadOnlyList<ReasonCode> codes = await client.UnsubscribeAsync("b", "a", "a");
        CollectionAssert.AreEqual(new[] { ReasonCode.NoSubscriptionExisted, ReasonCode.Success, ReasonCode.NoSubscriptionExisted }, codes.ToArray());
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_Received_WhatWasQueuedStillComes() // [MQTT-3.10.4-3]: delivery that began is completed
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 1);
        TestClient client = await gateway.ConnectAsync("client");
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "in flight", QoS.AtLeastOnce);
        ReceivedPublish first = await client.ReceivePublishAsync();
        await client.UnsubscribeAsync("t");
        await client.SendAckAsync(PacketType.PubAck, first.PacketId);
        await client.ExpectNothingAsync();
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Find("client")!.InflightCount));
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Subscriptions_Overlapping_DeliveredOnceAtTheHighestQoS(ProtocolVersion version) // 3.1.1 [MQTT-3.3.5-1], 5.0 [MQTT-3.3.4-2]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", version);
        await client.SubscribeAsync("#", QoS.AtMostOnce);
        await client.SubscribeAsync("t/+", QoS.ExactlyOnce);
        await client.SubscribeAsync("t/x", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t/x", "once", QoS.ExactlyOnce);
        Assert.AreEqual(QoS.ExactlyOnce, (await client.ReceivePublishAndAckAsync()).QoS);
        await client.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.AtLeastOnce)]
    public async Task SubscriptionIdentifiers_AllOfThoseThatMatch(QoS qos) // [MQTT-3.3.4-3], [MQTT-3.3.4-5]
    {
        await using TestBroker gateway = StartMerged();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("t/#", qos, identifier: 1);
        await client.SubscribeAsync("t/x", qos, identifier: 268_435_455);
        await client.SubscribeAsync("+/x", qos);
        await client.SubscribeAsync("other", qos, identifier: 7);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t/x", "1", qos);
        CollectionAssert.AreEqual(new uint[] { 1, 268_435_455 }, (await client.ReceivePublishAndAckAsync()).SubscriptionIdentifiers);
        await client.SubscribeAsync("t/#", qos, identifier: 2); // replaced with the subscription
        await client.UnsubscribeAsync("t/x");
        await publisher.PublishAsync("t/x", "2", qos);
        CollectionAssert.AreEqual(new uint[] { 2 }, (await client.ReceivePublishAndAckAsync()).SubscriptionIdentifiers);
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.AtLeastOnce)]
    public async Task SubscriptionIdentifiersSeparate_OnePublishForEachThatMatches(QoS qos)
    {
        await using TestBroker gateway = StartSeparate();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("t/#", qos, identifier: 1);
        await client.SubscribeAsync("+/x", QoS.AtMostOnce, identifier: 2);
        await client.SubscribeAsync("+/+", qos, identifier: 1); // the same: no third one
        await client.SubscribeAsync("#", QoS.AtMostOnce);
        TestClient other = await gateway.ConnectAsync("other", ProtocolVersion.V5);
        await other.SubscribeAsync("t/x", QoS.AtMostOnce, identifier: 9);
        TestClient publisher = await gateway.ConnectAsync("publisher");

        await publisher.PublishAsync("t/x", "1", qos);

        List<(uint Identifier, QoS QoS)> received = [];
        for (int i = 0; i < 2; i++)
        {
            ReceivedPublish publish = await client.ReceivePublishAndAckAsync();
            received.Add((Assert.ContainsSingle(publish.SubscriptionIdentifiers), publish.QoS));
        }

        CollectionAssert.AreEquivalent(new[] { (1u, qos), (2u, QoS.AtMostOnce) }, received);
        await client.ExpectNothingAsync();
        CollectionAssert.AreEqual(new uint[] { 9 }, (await other.ReceivePublishAsync()).SubscriptionIdentifiers);
        await other.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task SubscriptionIdentifiersSeparate_OwnMessageAndNoLocal_OnlyByTheOther()
    {
        await using TestBroker gateway = StartSeparate();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("t/#", identifier: 1, noLocal: true);
        await client.SubscribeAsync("t/x", identifier: 2);
        await client.SendPublishAsync("t/x", "own");
        CollectionAssert.AreEqual(new uint[] { 2 }, (await client.ReceivePublishAsync()).SubscriptionIdentifiers);
        await client.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task SubscriptionIdentifiersSeparate_ClientAway_BothWait()
    {
        await using TestBroker gateway = StartSeparate();
        TestClient client = await gateway.ConnectDurableAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("t/#", QoS.AtLeastOnce, identifier: 1);
        await client.SubscribeAsync("t/x", QoS.AtLeastOnce, identifier: 2);
        await client.ResetAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t/x", "waits", QoS.AtLeastOnce);
        TestClient again = await gateway.ConnectDurableAsync("client", ProtocolVersion.V5);
        uint[] identifiers = [Assert.ContainsSingle((await again.ReceivePublishAndAckAsync()).SubscriptionIdentifiers), Assert.ContainsSingle((await again.ReceivePublishAndAckAsync()).SubscriptionIdentifiers)];
        CollectionAssert.AreEquivalent(new uint[] { 1, 2 }, identifiers);
        await again.ExpectNothingAsync();
    }

    // mqtt.js asks for all that it had in one packet, after each loss of the connection: more than a thousand ended it, again and again.
    [TestMethod]
    [DataRow(ClientRole.Operator, true)]
    [DataRow(ClientRole.Bridge, false)] // one that does not say that it is a gateway
    [DataRow(ClientRole.Device, false)]
    public async Task SUBSCRIBE_WithAsManyFiltersAsTheClientMayHave_Granted(ClientRole role, bool isGranted)
    {
        await using TestBroker gateway = TestBroker.Start(limits: null, ground => ground.Access = new EverybodyIs(role));
        TestClient client = await gateway.ConnectAsync("client");
        SubscriptionRequest[] all = [.. Enumerable.Range(0, 2_000).Select(static i => new SubscriptionRequest(TestClient.Filter($"t/{i}"), QoS.AtMostOnce))];
        if (isGranted)
            Assert.IsTrue((await client.SubscribeAsync(all)).All(static code => code == ReasonCode.Success));
        else
            await Assert.ThrowsAsync<Exception>(() => client.SubscribeAsync(all));
        Assert.AreEqual(!isGranted, gateway.Log.Lines.Any(static line => line.Contains("with 2000 filters, more than 1000", StringComparison.Ordinal)), string.Join('\n', gateway.Log.Lines));
    }

    private static TestBroker StartMerged() => TestBroker.Start(limits: null, static ground => ground.Mqtt = new MqttOptions { SubscriptionIdentifiers = IdentifierForm.Merged });

    // As it is where nothing is said.
    private static TestBroker StartSeparate() => TestBroker.Start();

    [TestMethod]
    public async Task SubscriptionIdentifiers_OnWhatWaitedAndWasRetained()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "retained", QoS.AtLeastOnce, retain: true);
        TestClient client = await gateway.ConnectDurableAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("t", QoS.AtLeastOnce, identifier: 5);
        CollectionAssert.AreEqual(new uint[] { 5 }, (await client.ReceivePublishAsync()).SubscriptionIdentifiers);
        await client.ResetAsync();
        await publisher.PublishAsync("t", "waited", QoS.AtLeastOnce);
        TestClient again = await gateway.ConnectDurableAsync("client", ProtocolVersion.V5);
        CollectionAssert.AreEqual(new uint[] { 5 }, (await again.ReceivePublishAndAckAsync()).SubscriptionIdentifiers);
        ReceivedPublish waited = await again.ReceivePublishAndAckAsync();
        Assert.AreEqual("waited", waited.Payload);
        CollectionAssert.AreEqual(new uint[] { 5 }, waited.SubscriptionIdentifiers);
    }

    [TestMethod]
    public async Task NoLocal_OwnMessages_NotDelivered() // [MQTT-3.8.3-3]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("t", noLocal: true);
        TestClient other = await gateway.ConnectAsync("other", ProtocolVersion.V5);
        await other.SubscribeAsync("t", noLocal: true);
        await client.SendPublishAsync("t", "of client");
        await client.ExpectNothingAsync();
        Assert.AreEqual("of client", (await other.ReceivePublishAsync()).Payload);
        await other.SendPublishAsync("t", "of other");
        await other.ExpectNothingAsync();
        Assert.AreEqual("of other", (await client.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task NoLocal_BesidesAnotherSubscription_DeliveredOnceByThatOne()
    {
        await using TestBroker gateway = StartMerged();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("t/#", QoS.AtMostOnce, identifier: 1);
        await client.SubscribeAsync("t/x", QoS.AtLeastOnce, identifier: 2, noLocal: true);
        await client.SendPublishAsync("t/x", "own", QoS.AtLeastOnce, packetId: 9);
        ReceivedPublish own = await client.ReceivePublishAsync();
        Assert.AreEqual(("own", QoS.AtMostOnce), (own.Payload, own.QoS));
        CollectionAssert.AreEqual(new uint[] { 1 }, own.SubscriptionIdentifiers);
        await client.ExpectAckAsync(PacketType.PubAck, 9);
        await client.ExpectNothingAsync();

        TestClient other = await gateway.ConnectAsync("other");
        await other.PublishAsync("t/x", "of another", QoS.AtLeastOnce);
        ReceivedPublish others = await client.ReceivePublishAndAckAsync();
        Assert.AreEqual(QoS.AtLeastOnce, others.QoS);
        CollectionAssert.AreEqual(new uint[] { 1, 2 }, others.SubscriptionIdentifiers);
    }

    [TestMethod]
    public async Task SUBSCRIBE_Received_OwnTopicWithoutNoLocal_OwnMessagesDelivered()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client");
        await client.SubscribeAsync("t");
        await client.SendPublishAsync("t", "own");
        Assert.AreEqual("own", (await client.ReceivePublishAsync()).Payload);
    }
}
