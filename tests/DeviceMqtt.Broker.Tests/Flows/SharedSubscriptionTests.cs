using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Shared subscriptions: 5.0 section 4.8.2; also for older clients, who ask for them in the same way.</summary>
[TestClass]
internal sealed class SharedSubscriptionTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Shared_Members_GetEachMessageOnceInTurn(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient[] members = new TestClient[3];
        for (int i = 0; i < 3; i++)
        {
            members[i] = await gateway.ConnectAsync($"member-{i}", version);
            await members[i].SubscribeAsync("$share/g/t/#");
        }

        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 9; i++)
            await publisher.PublishAsync($"t/{i}", $"{i}");
        HashSet<string> seen = [];
        foreach (TestClient member in members)
        {
            for (int i = 0; i < 3; i++)
                Assert.IsTrue(seen.Add((await member.ReceivePublishAsync()).Payload));
            await member.ExpectNothingAsync();
        }
    }

    [TestMethod]
    public async Task Shared_GroupsAndPlainSubscriptions_EachGetTheirOwn()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient a = await gateway.ConnectAsync("a", ProtocolVersion.V5);
        await a.SubscribeAsync("$share/g/t", QoS.AtMostOnce, identifier: 1);
        await a.SubscribeAsync("t", QoS.AtMostOnce, identifier: 2);
        TestClient b = await gateway.ConnectAsync("b");
        await b.SubscribeAsync("$share/h/t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x");
        uint[] ofA = [.. (await a.ReceivePublishAsync()).SubscriptionIdentifiers, .. (await a.ReceivePublishAsync()).SubscriptionIdentifiers];
        CollectionAssert.AreEquivalent(new uint[] { 1, 2 }, ofA);
        await a.ExpectNothingAsync();
        await b.ReceivePublishAsync();
        await b.ExpectNothingAsync();
    }

    // For a member at QoS 0 that is away nothing waits: it is not chosen where another takes the message.
    [TestMethod]
    public async Task Shared_EverybodyIsAway_MessageWaitsForAMemberForWhichItWaits()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient atMostOnce = await gateway.ConnectDurableAsync("a");
        await atMostOnce.SubscribeAsync("$share/g/t", QoS.AtMostOnce);
        TestClient atLeastOnce = await gateway.ConnectDurableAsync("b");
        await atLeastOnce.SubscribeAsync("$share/g/t", QoS.AtLeastOnce);
        await atMostOnce.DropAsync();
        await atLeastOnce.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 4; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        atLeastOnce = await gateway.ConnectDurableAsync("b");
        for (int i = 0; i < 4; i++)
            Assert.AreEqual($"{i}", (await atLeastOnce.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Shared_QoS_IsThatOfTheMember() // [MQTT-4.8.2-3]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient a = await gateway.ConnectAsync("a");
        await a.SubscribeAsync("$share/g/t", QoS.AtMostOnce);
        TestClient b = await gateway.ConnectAsync("b");
        await b.SubscribeAsync("$share/g/t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "1", QoS.ExactlyOnce);
        await publisher.PublishAsync("t", "2", QoS.ExactlyOnce);
        Assert.AreEqual(QoS.AtMostOnce, (await a.ReceivePublishAsync()).QoS);
        Assert.AreEqual(QoS.AtLeastOnce, (await b.ReceivePublishAsync()).QoS);
    }

    [TestMethod]
    public async Task Shared_MemberThatDoesNotKeepUp_OthersGetTheRest()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 1);
        TestClient slow = await gateway.ConnectAsync("slow");
        await slow.SubscribeAsync("$share/g/t", QoS.AtLeastOnce);
        TestClient quick = await gateway.ConnectAsync("quick");
        await quick.SubscribeAsync("$share/g/t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        int quickGot = 0;
        for (int i = 0; i < 20; i++)
        {
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
            // Of the first messages two can be the slow one's: one in flight, one that waits for it.
            if (gateway.Look(b => b.Sessions.Find("quick")!.InflightCount) == 1)
            {
                await quick.ReceivePublishAndAckAsync();
                quickGot++;
            }
        }

        Assert.AreEqual(18, quickGot);
    }

    [TestMethod]
    public async Task Shared_MessageLargerThanAMemberTakes_GoesToAnother()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient small = await gateway.ConnectAsync("small", ProtocolVersion.V5, properties: new ConnectProperties { MaximumPacketSize = 60 });
        await small.SubscribeAsync("$share/g/t", QoS.AtLeastOnce);
        TestClient large = await gateway.ConnectAsync("large", ProtocolVersion.V5);
        await large.SubscribeAsync("$share/g/t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 4; i++)
        {
            await publisher.PublishAsync("t", new string('x', 100), QoS.AtLeastOnce);
            _ = await large.ReceivePublishAndAckAsync();
        }

        await small.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Shared_MemberGone_OthersGetItAll()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient gone = await gateway.ConnectAsync("gone");
        await gone.SubscribeAsync("$share/g/t");
        TestClient stays = await gateway.ConnectAsync("stays");
        await stays.SubscribeAsync("$share/g/t");
        TestClient leaves = await gateway.ConnectAsync("leaves");
        await leaves.SubscribeAsync("$share/g/t");
        await gone.DropAsync();
        await leaves.UnsubscribeAsync("$share/g/t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 4; i++)
            await publisher.PublishAsync("t", $"{i}");
        for (int i = 0; i < 4; i++)
            Assert.AreEqual($"{i}", (await stays.ReceivePublishAsync()).Payload);
        await leaves.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Shared_AllMembersAway_MessageWaitsForOneOfThem()
    {
        await using TestBroker gateway = TestBroker.Start();
        foreach (string id in new[] { "a", "b" })
        {
            TestClient member = await gateway.ConnectDurableAsync(id);
            await member.SubscribeAsync("$share/g/t", QoS.AtLeastOnce);
            await member.DropAsync();
        }

        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("t", "x", QoS.AtLeastOnce));
        Assert.AreEqual(1, gateway.Look(b => b.Sessions.Find("a")!.Queue.Count + b.Sessions.Find("b")!.Queue.Count));
    }

    [TestMethod]
    public async Task Shared_Retained_NotSent() // section 4.8.2
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", retain: true);
        TestClient member = await gateway.ConnectAsync("member");
        await member.SubscribeAsync("$share/g/t");
        await member.ExpectNothingAsync();
    }
}
