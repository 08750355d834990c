namespace DeviceMqtt.EndToEnd.Tests.Peers;

/// <summary>P2P messages: to exactly the client that the topic's third level names.</summary>
[TestClass]
public sealed class PeerDeliveryTests
{
    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(2)]
    public async Task PUBLISH_P2P_ReachesItsTargetWithoutASubscriptionAtThePublishersQoS(int qos)
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await using MosquittoSub device = await MosquittoSub.Start(
            gateway, new SubscriberOptions { ClientId = target, QoS = 0 }, Unique.Name("something-else"));

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "relay on", qos);

        ReceivedMessage command = (await device.Messages.WaitForCount(1))[0];
        Assert.AreEqual(($"dm/p2p/{target}", "relay on", qos, false), (command.Topic, command.Text, command.QoS, command.Retain));
    }

    [TestMethod]
    public async Task PUBLISH_P2P_ReachesAClientThatNeverSubscribed()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "hello", qos: 1);

        RawPacket publish = await device.Next(RawType.Publish);
        Assert.AreEqual(($"dm/p2p/{target}", "hello", 1), (publish.Topic, publish.Text, publish.QoS));
    }

    [TestMethod]
    public async Task PUBLISH_P2PUnderAnyParent_ReachesItsTarget()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);

        await MosquittoPub.Send(gateway, $"factory/p2p/{target}", "hello", qos: 1);

        Assert.AreEqual($"factory/p2p/{target}", (await device.Next(RawType.Publish)).Topic);
    }

    [TestMethod]
    public async Task PUBLISH_P2PToAGroupDevice_TheWholeClientIdIsTheTarget()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = $"GID_test@@@{Unique.Name("device")}";
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "hello", qos: 1);

        Assert.AreEqual("hello", (await device.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2P_IsSeenByNoSubscription()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        string marker = $"dm/{Unique.Name("marker")}/tele/x";
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);
        await using RawMqtt spy = await RawMqtt.Connect(gateway, Unique.Name("spy"));
        await spy.Send(RawBytes.Subscribe(1, qos: 1, "#", "+/p2p/#", "+/+/+", $"+/+/{target}", "dm/#"));
        await spy.Next(RawType.SubAck);

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "secret", qos: 1);
        Assert.AreEqual("secret", (await device.Next(RawType.Publish)).Text);
        await MosquittoPub.Send(gateway, marker, "end", qos: 1);

        RawPacket[] seen = [.. (await Until(spy, marker)).Where(packet => packet.Topic.Contains("/p2p/", StringComparison.Ordinal))];
        Assert.IsEmpty(seen);
    }

    [TestMethod]
    public async Task SUBSCRIBE_P2PTopicOfAnother_IsRefused()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await using RawMqtt spy = await RawMqtt.Connect(gateway, Unique.Name("spy"));

        await spy.Send(RawBytes.Subscribe(1, qos: 1, $"dm/p2p/{target}"));

        Assert.AreEqual("000180", (await spy.Next(RawType.SubAck)).Hex);
    }

    [TestMethod]
    public async Task SUBSCRIBE_P2PTopicOfAnother_MosquittoSubSaysItWasDenied()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        await using MosquittoSub spy = MosquittoSub.Launch(gateway, new SubscriberOptions(), $"dm/p2p/{Unique.Name("device")}");

        await spy.Log.WaitFor(line => line.StartsWith("Subscribed (mid: 1): 128", StringComparison.Ordinal), "SUBACK 0x80");
    }

    [TestMethod]
    public async Task SUBSCRIBE_OwnP2PTopic_IsGrantedAndDeliversOnce()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);
        await device.Subscribe($"dm/p2p/{target}", qos: 1);

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "once", qos: 1);
        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "end", qos: 1);

        Assert.AreEqual("once", (await device.Next(RawType.Publish)).Text);
        Assert.AreEqual("end", (await device.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2PToOneself_Arrives()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string clientId = Unique.Name("self");
        await using RawMqtt client = await RawMqtt.Connect(gateway, clientId);

        await client.Send(RawBytes.Publish($"dm/p2p/{clientId}", "note to self"));

        Assert.AreEqual("note to self", (await client.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2PAfterATakeOver_GoesToTheNewestConnectionOnly()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await using RawMqtt old = await RawMqtt.Connect(gateway, target);
        await using RawMqtt young = await RawMqtt.Connect(gateway, target);
        await old.WaitForClose();

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "hello", qos: 1);

        Assert.AreEqual("hello", (await young.Next(RawType.Publish)).Text);
        Assert.DoesNotContain(RawType.Publish, old.Packets.Items.Select(packet => packet.Type));
    }

    [TestMethod]
    public async Task Connection_KilledClientWithP2PWill_TheTargetAloneGetsIt()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("boss");
        string marker = Unique.Name("marker");
        await using RawMqtt boss = await RawMqtt.Connect(gateway, target);
        await using RawMqtt spy = await RawMqtt.Connect(gateway, Unique.Name("spy"));
        await spy.Subscribe("#");
        await using MosquittoSub doomed = await MosquittoSub.Start(
            gateway, new SubscriberOptions { Will = new Will($"dm/p2p/{target}", "I am gone", QoS: 1) }, Unique.Name("other"));

        await doomed.Kill();

        RawPacket will = await boss.Next(RawType.Publish);
        Assert.AreEqual(($"dm/p2p/{target}", "I am gone", 1), (will.Topic, will.Text, will.QoS));
        await MosquittoPub.Send(gateway, marker, "end", qos: 1);
        Assert.DoesNotContain($"dm/p2p/{target}", (await Until(spy, marker)).Select(packet => packet.Topic));
    }

    [TestMethod]
    [DataRow("dm/p2p"), DataRow("dm/p2p/{0}/more"), DataRow("dm/x/p2p/{0}"), DataRow("p2p/{0}"), DataRow("dm/P2P/{0}")]
    public async Task PUBLISH_TopicThatOnlyLooksLikeP2P_GoesToSubscribersAndNotToTheClient(string pattern)
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        string topic = string.Format(pattern, target);
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);
        await using RawMqtt subscriber = await RawMqtt.Connect(gateway, Unique.Name("sub"));
        await subscriber.Subscribe(topic);

        await MosquittoPub.Send(gateway, topic, "ordinary", qos: 1);
        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "end", qos: 1);

        Assert.AreEqual("ordinary", (await subscriber.Next(RawType.Publish)).Text);
        Assert.AreEqual("end", (await device.Next(RawType.Publish)).Text);
    }

    // Other cases share the broker: what they publish comes in between.
    private static async Task<IReadOnlyList<RawPacket>> Until(RawMqtt client, string topic)
    {
        await client.Packets.WaitFor(packet => packet.Type == RawType.Publish && packet.Topic == topic, $"the marker on {topic}");
        return [.. client.Packets.Items.Where(packet => packet.Type == RawType.Publish)];
    }
}
