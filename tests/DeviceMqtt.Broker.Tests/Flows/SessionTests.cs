using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Sessions that end with their connection and Sessions that do not: 3.1.1 section 3.1.2.4, 5.0 sections 3.1.2.4 and 3.1.2.11.2.</summary>
[TestClass]
internal sealed class SessionTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Session_Clean_EndsWithItsConnection(ProtocolVersion version) // [MQTT-3.1.2-6]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("board", version);
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        await client.DropAsync();
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Count));

        TestClient again = gateway.Open(version);
        Assert.IsFalse((await again.ConnectAsync("board", clean: false)).SessionPresent);
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync("t", "x", QoS.AtLeastOnce));
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Session_Kept_PresentAndWithWhatWasMissed(ProtocolVersion version) // [MQTT-3.1.2-4], [MQTT-3.2.2-2]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board", version);
        await client.SubscribeAsync("t/#", QoS.ExactlyOnce);
        await client.DisconnectAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t/0", "lost", QoS.AtMostOnce);
        await publisher.PublishAsync("t/1", "one", QoS.AtLeastOnce);
        await publisher.PublishAsync("t/2", "two", QoS.ExactlyOnce);

        TestClient again = gateway.Open(version);
        Assert.IsTrue((await again.ConnectAsync("board", clean: false)).SessionPresent);
        ReceivedPublish one = await again.ReceivePublishAsync();
        ReceivedPublish two = await again.ReceivePublishAsync();
        Assert.AreEqual(("one", QoS.AtLeastOnce, false), (one.Payload, one.QoS, one.Dup));
        Assert.AreEqual(("two", QoS.ExactlyOnce, false), (two.Payload, two.QoS, two.Dup));
        await again.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Session_KeptThenClean_NothingLeft() // [MQTT-3.1.2-6]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board");
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        await client.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "waits in vain", QoS.AtLeastOnce);

        TestClient again = gateway.Open();
        Assert.IsFalse((await again.ConnectAsync("board", clean: true)).SessionPresent);
        await again.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.SessionEnded));
        Assert.AreEqual(0L, gateway.Look(b => b.QueueBytes));
    }

    [TestMethod]
    public async Task Session_V5CleanStartWithExpiry_StaysAfterwards() // Clean Start says how it begins, not how it ends
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5, clean: true);
        await client.DropAsync();
        TestClient again = gateway.Open(ProtocolVersion.V5);
        Assert.IsTrue((await again.ConnectAsync("board", clean: false)).SessionPresent);
    }

    [TestMethod]
    public async Task Session_Absent_EndsAfterItsExpiryInterval() // [MQTT-3.1.2-23] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open(ProtocolVersion.V5);
        await client.ConnectAsync("board", properties: new ConnectProperties { SessionExpirySeconds = 60 });
        gateway.Advance(600); // connected: nothing runs
        await client.DropAsync();
        gateway.Advance(59);
        Assert.AreEqual(1, gateway.Look(b => b.Sessions.Count));
        gateway.Advance(1);
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Count));
    }

    [TestMethod]
    public async Task Session_BackInTime_ExpiryBeginsAnew()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open(ProtocolVersion.V5);
        await client.ConnectAsync("board", properties: new ConnectProperties { SessionExpirySeconds = 60 });
        await client.DropAsync();
        gateway.Advance(50);
        TestClient again = gateway.Open(ProtocolVersion.V5);
        await again.ConnectAsync("board", clean: false, properties: new ConnectProperties { SessionExpirySeconds = 100 });
        gateway.Advance(90);
        Assert.AreEqual(1, gateway.Look(b => b.Sessions.Count));
        await again.DropAsync();
        gateway.Advance(99);
        Assert.AreEqual(1, gateway.Look(b => b.Sessions.Count));
        gateway.Advance(2);
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Count));
    }

    [TestMethod]
    public async Task Session_ExpiryChangedByDisconnect_Obeyed() // 5.0 section 3.14.2.2.2
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5);
        await client.DisconnectAsync(sessionExpirySeconds: 0);
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Count));

        TestClient second = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5);
        await second.DisconnectAsync(sessionExpirySeconds: 10);
        gateway.Advance(9);
        Assert.AreEqual(1, gateway.Look(b => b.Sessions.Count));
        gateway.Advance(1);
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Count));
    }

    [TestMethod]
    public async Task Session_SeenByAnotherVersion_IsTheSame()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient old = await gateway.ConnectDurableAsync("board", ProtocolVersion.V311);
        await old.SubscribeAsync("t", QoS.AtLeastOnce);
        await old.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "x", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.ContentType, "text/plain"));
        TestClient modern = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5);
        ReceivedPublish publish = await modern.ReceivePublishAndAckAsync();
        Assert.AreEqual("x", publish.Payload);
        Assert.AreEqual("text/plain", publish.Properties.Single().Text);
    }
}
