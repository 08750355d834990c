using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Limits;

/// <summary>Limits of connections, packets and Sessions. Each test is named after its limit.</summary>
[TestClass]
internal sealed class ConnectionLimitTests
{
    [TestMethod]
    public async Task ConnectionsMax_Reached_FurtherConnectionClosedAtOnce()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.ConnectionsMax = 3);
        TestClient[] clients = [await gateway.ConnectAsync("1"), await gateway.ConnectAsync("2"), await gateway.ConnectAsync("3")];
        TestClient tooMany = gateway.Open();
        await tooMany.ExpectCloseAsync(CloseReason.QuotaExceeded);
        await clients[0].DropAsync();
        TestClient next = gateway.Open();
        await next.ConnectAsync("there is room again");
        Assert.AreEqual(3, gateway.Look(_ => gateway.Table.Count));
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PacketBytesMax_Exceeded_ConnectionClosedFromTheHeaderAlone(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.PacketBytesMax = 1000);
        TestClient client = await gateway.ConnectAsync("client", version);
        await client.SendAsync([0x30, 0xE6, 0x07]); // 3 + 998: one byte too many
        await client.ExpectCloseAsync(CloseReason.PacketTooLarge, version == ProtocolVersion.V5 ? ReasonCode.PacketTooLarge : null);
        Assert.IsTrue(gateway.Log.Lines.Any(l => l.Contains("1001 bytes exceeds 1000", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task PacketBytesMax_Reached_Accepted()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.PacketBytesMax = 1000);
        TestClient client = await gateway.ConnectAsync("client");
        await client.SendPublishAsync("t", new string('x', 997 - 3));
        await client.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.MessagesReceived);
    }

    [TestMethod]
    [DoNotParallelize] // the figure is of the process
    public async Task PacketBytesMax_HugeDeclaredLengths_MemoryStaysFlat()
    {
        await using TestBroker gateway = TestBroker.Start();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 50; i++)
        {
            TestClient client = await gateway.ConnectAsync($"client-{i}");
            await client.SendAsync([0x30, 0xFF, 0xFF, 0xFF, 0x7F]); // 256 MB
            await client.ExpectCloseAsync(CloseReason.PacketTooLarge);
        }

        Assert.IsLessThan(10_000_000, GC.GetTotalMemory(forceFullCollection: true) - before);
    }

    [TestMethod]
    public async Task ConnectPacketBytesMax_Exceeded_ConnectionClosedFromTheHeaderAlone()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.ConnectPacketBytesMax = 200);
        TestClient client = gateway.Open();
        await client.SendAsync([0x10, 0xC6, 0x01]); // 3 + 198
        await client.ExpectCloseAsync(CloseReason.PacketTooLarge);
        TestClient fits = await gateway.ConnectAsync(new string('x', 100));
        await fits.SendPublishAsync("t", new string('x', 10_000)); // holds for the first packet only
        await fits.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task ConnectSecondsMax_WithoutConnect_ConnectionClosed()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.ConnectSecondsMax = 5);
        TestClient silent = gateway.Open();
        TestClient dripping = gateway.Open();
        gateway.Advance(5);
        await dripping.SendAsync([0x10]);
        Assert.AreEqual(2, gateway.Look(_ => gateway.Table.Count));
        gateway.Advance(0.1);
        await silent.ExpectCloseAsync(CloseReason.ConnectTimeout);
        await dripping.ExpectCloseAsync(CloseReason.ConnectTimeout); // bytes are no CONNECT
    }

    [TestMethod]
    public async Task KeepAliveSecondsMax_LongerAsked_V5ToldAndHeldToIt() // [MQTT-3.1.2-21] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start(l => l.KeepAliveSecondsMax = 60);
        TestClient modern = gateway.Open(ProtocolVersion.V5);
        ConnAckPacket connAck = await modern.ConnectAsync("modern", keepAliveSeconds: 600);
        Assert.AreEqual((ushort)60, connAck.Properties!.ServerKeepAliveSeconds);
        TestClient none = gateway.Open(ProtocolVersion.V5);
        Assert.AreEqual((ushort)60, (await none.ConnectAsync("none", keepAliveSeconds: 0)).Properties!.ServerKeepAliveSeconds);
        TestClient shorter = gateway.Open(ProtocolVersion.V5);
        Assert.IsNull((await shorter.ConnectAsync("shorter", keepAliveSeconds: 59)).Properties!.ServerKeepAliveSeconds);
        TestClient old = gateway.Open();
        await old.ConnectAsync("old", keepAliveSeconds: 600);
        gateway.Advance(90.1);
        await modern.ExpectCloseAsync(CloseReason.KeepAliveTimeout, ReasonCode.KeepAliveTimeout);
        await none.ExpectCloseAsync(CloseReason.KeepAliveTimeout, ReasonCode.KeepAliveTimeout);
        await old.ExpectNothingAsync(); // 3.1.1 has no way to tell: its own applies
    }

    [TestMethod]
    public async Task OutputStallSecondsMax_Exceeded_ConnectionAborted()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.OutputStallSecondsMax = 7);
        TestClient slow = await gateway.ConnectAsync("slow", networkBytes: 100);
        await slow.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", new string('x', 1000));
        gateway.Advance(7.1);
        await slow.WaitForEndAsync();
        Assert.AreEqual(CloseReason.OutputStalled, slow.CloseReason);
    }

    [TestMethod]
    public async Task OutputStallSecondsMax_ClientReadsSlowly_ConnectionStaysUntilItReadsNoMore()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.OutputStallSecondsMax = 7);
        TestClient slow = await gateway.ConnectAsync("slow", networkBytes: 100);
        await slow.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", new string('x', 1000));
        for (int i = 0; i < 30; i++)
        {
            slow.Transport.BytesTaken++;
            gateway.Advance(1);
        }

        Assert.AreEqual(CloseReason.None, slow.CloseReason);
        gateway.Advance(7.1);
        await slow.WaitForEndAsync();
        Assert.AreEqual(CloseReason.OutputStalled, slow.CloseReason);
    }

    [TestMethod]
    public async Task ClientIdBytesMax_Exceeded_Refused()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.ClientIdBytesMax = 23);
        TestClient fits = await gateway.ConnectAsync(new string('x', 23));
        await fits.ExpectNothingAsync();
        TestClient tooLong = gateway.Open();
        Assert.AreEqual((byte)ConnectReturnCode.IdentifierRejected, (await tooLong.ConnectAsync(new string('ü', 12))).Code); // 24 bytes
        await tooLong.ExpectCloseAsync(CloseReason.ClientIdRejected);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task TopicLevelsMax_Exceeded_PublishClosesAndSubscribeIsRefused(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.TopicLevelsMax = 4);
        TestClient client = await gateway.ConnectAsync("client", version);
        ReasonCode refused = version == ProtocolVersion.V5 ? ReasonCode.TopicFilterInvalid : ReasonCode.UnspecifiedError;
        Assert.AreEqual(refused, await client.SubscribeAsync("a/b/c/d/#"));
        Assert.AreEqual(ReasonCode.Success, await client.SubscribeAsync("a/b/c/#"));
        await client.SendPublishAsync("a/b/c/d", "x");
        Assert.AreEqual("x", (await client.ReceivePublishAsync()).Payload);
        await client.SendPublishAsync("a/b/c/d/e", "x");
        await client.ExpectCloseAsync(CloseReason.TopicNameInvalid, version == ProtocolVersion.V5 ? ReasonCode.TopicNameInvalid : null);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, ReasonCode.UnspecifiedError, ClientRole.Device)]
    [DataRow(ProtocolVersion.V5, ReasonCode.QuotaExceeded, ClientRole.Device)]
    [DataRow(ProtocolVersion.V5, ReasonCode.QuotaExceeded, ClientRole.Operator)] // has the bound of gateways below
    public async Task SubscriptionsPerSessionMax_Reached_FurtherFilterRefused(ProtocolVersion version, ReasonCode refused, ClientRole role)
    {
        await using TestBroker gateway = TestBroker.Start(
            l => (l.SubscriptionsPerSessionMax, l.BridgeSubscriptionsMax) = role == ClientRole.Operator ? (1, 3) : (3, 1), ground => ground.Access = new EverybodyIs(role));
        TestClient client = await gateway.ConnectAsync("client", version);
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(ReasonCode.Success, await client.SubscribeAsync($"t/{i}"));
        Assert.AreEqual(refused, await client.SubscribeAsync("t/3"));
        Assert.AreEqual(ReasonCode.GrantedQoS1, await client.SubscribeAsync("t/2", QoS.AtLeastOnce)); // a replacement needs no room
        await client.UnsubscribeAsync("t/0");
        Assert.AreEqual(ReasonCode.Success, await client.SubscribeAsync("t/3"));
    }

    // Each shared filter is one more delivery of whatever it matches, which the publisher pays: five connections with 900 each made 4,500 of one message.
    [TestMethod]
    [DataRow(ProtocolVersion.V311, ReasonCode.UnspecifiedError)]
    [DataRow(ProtocolVersion.V5, ReasonCode.QuotaExceeded)]
    public async Task SharedFiltersPerUserMax_Reached_FurtherOneRefusedOnAllSessionsOfTheUser(ProtocolVersion version, ReasonCode refused)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.SharedFiltersPerUserMax = 2, ground => ground.Access = new EverybodyIs(ClientRole.Device));
        TestClient first = await gateway.ConnectAsync("first", version);
        TestClient second = await gateway.ConnectAsync("second", version);
        Assert.AreEqual(ReasonCode.GrantedQoS1, await first.SubscribeAsync("$share/a/#", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.GrantedQoS1, await second.SubscribeAsync("$share/b/#", QoS.AtLeastOnce));
        Assert.AreEqual(refused, await first.SubscribeAsync("$share/c/#", QoS.AtLeastOnce));
        Assert.AreEqual(refused, await second.SubscribeAsync("$share/c/#", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.GrantedQoS1, await second.SubscribeAsync("$share/a/#", QoS.AtLeastOnce)); // the same group
        Assert.AreEqual(ReasonCode.Success, await first.SubscribeAsync("c/#")); // is not shared

        await first.UnsubscribeAsync("$share/a/#");
        Assert.AreEqual(refused, await first.SubscribeAsync("$share/c/#", QoS.AtLeastOnce)); // the other one has it yet
        await second.DisconnectAsync();
        Assert.AreEqual(ReasonCode.GrantedQoS1, await first.SubscribeAsync("$share/c/#", QoS.AtLeastOnce));
    }

    [TestMethod]
    public async Task SharedFiltersPerUserMax_Operator_IsNotBoundedByIt()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.SharedFiltersPerUserMax = 1, ground => ground.Access = new EverybodyIs(ClientRole.Operator));
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        foreach (string share in (string[])["a", "b", "c"])
            Assert.AreEqual(ReasonCode.Success, await client.SubscribeAsync($"$share/{share}/#"));
    }

    // A group of which nobody takes anything is asked through: its members are bounded, too.
    [TestMethod]
    public async Task SharedFiltersPerUserMax_ManySessionsOfOneFilter_TenTimesAsMany()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.SharedFiltersPerUserMax = 1, ground => ground.Access = new EverybodyIs(ClientRole.Device));
        for (int i = 0; i < 10; i++)
            Assert.AreEqual(ReasonCode.Success, await (await gateway.ConnectAsync($"client-{i}", ProtocolVersion.V5)).SubscribeAsync("$share/a/#"));
        Assert.AreEqual(ReasonCode.QuotaExceeded, await (await gateway.ConnectAsync("further", ProtocolVersion.V5)).SubscribeAsync("$share/a/#"));
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, (byte)ConnectReturnCode.ServerUnavailable)]
    [DataRow(ProtocolVersion.V5, (byte)ReasonCode.QuotaExceeded)]
    public async Task SessionsMax_Reached_NewClientIdRefused(ProtocolVersion version, byte refused)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.SessionsMax = 2);
        TestClient absent = await gateway.ConnectDurableAsync("absent", version);
        await absent.DropAsync();
        await gateway.ConnectAsync("present", version);
        TestClient third = gateway.Open(version);
        Assert.AreEqual(refused, (await third.ConnectAsync("third")).Code);
        await third.ExpectCloseAsync(CloseReason.QuotaExceeded);
        TestClient back = await gateway.ConnectDurableAsync("absent", version); // has its place already
        await back.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task SessionExpirySecondsMax_Passed_PersistentV311SessionEnds()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.SessionExpirySecondsMax = 100);
        TestClient client = await gateway.ConnectDurableAsync("client");
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        await client.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", QoS.AtLeastOnce);
        gateway.Advance(99);
        Assert.AreEqual(2, gateway.Look(b => b.Sessions.Count));
        gateway.Advance(1);
        Assert.AreEqual(1, gateway.Look(b => b.Sessions.Count));
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.SessionEnded));
    }

    [TestMethod]
    public async Task ReceiveMaximum_Exceeded_ConnectionClosed() // [MQTT-3.3.4-7] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start(l => l.ReceiveMaximum = 2);
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        for (ushort id = 1; id <= 2; id++)
        {
            await client.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: id);
            await client.ReceiveAckAsync(PacketType.PubRec);
        }

        await client.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 2, dup: true); // one of the two
        await client.ReceiveAckAsync(PacketType.PubRec);
        await client.SendAckAsync(PacketType.PubRel, 1);
        await client.ExpectAckAsync(PacketType.PubComp, 1);
        await client.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 3);
        await client.ReceiveAckAsync(PacketType.PubRec);
        await client.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 4);
        await client.ExpectCloseAsync(CloseReason.ReceiveMaximumExceeded, ReasonCode.ReceiveMaximumExceeded);
    }

    // There is no Receive Maximum before 5.0: a client that has stored more would be closed each time it comes back, for ever.
    [TestMethod]
    [DataRow(ProtocolVersion.V31)]
    [DataRow(ProtocolVersion.V311)]
    public async Task ReceiveMaximum_ClientThatCannotKnowIt_HasAllIdentifiers(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.ReceiveMaximum = 2);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        TestClient client = await gateway.ConnectDurableAsync("client", version);
        for (int round = 0; round < 2; round++)
        {
            foreach (ushort id in new ushort[] { 1, 2, 3, 1024, 65_535 })
            {
                await client.SendPublishAsync("t", $"{id}", QoS.ExactlyOnce, packetId: id, dup: round > 0);
                await client.ExpectAckAsync(PacketType.PubRec, id);
                if (round == 0)
                    Assert.AreEqual($"{id}", (await subscriber.ReceivePublishAsync()).Payload);
            }

            await subscriber.ExpectNothingAsync();
            await client.DropAsync();
            client = await gateway.ConnectDurableAsync("client", version);
        }

        await client.SendAckAsync(PacketType.PubRel, 1024);
        await client.ExpectAckAsync(PacketType.PubComp, 1024);
    }

    [TestMethod]
    public async Task TopicAliasMaximum_Zero_NoAliasAllowed()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.TopicAliasMaximum = 0);
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SendPublishAsync("t", "x", properties: p => p.Add(PropertyId.TopicAlias, 1u));
        await client.ExpectCloseAsync(CloseReason.ProtocolError, ReasonCode.TopicAliasInvalid);
    }
}
