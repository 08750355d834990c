namespace DeviceMqtt.EndToEnd.Tests.Peers;

/// <summary>P2P messages for a device that is not there now.</summary>
[TestClass]
public sealed class PeerMailboxTests
{
    [TestMethod]
    [DataRow(true, 1), DataRow(true, 2), DataRow(false, 1), DataRow(false, 2)]
    public async Task PUBLISH_P2PToAnAbsentKnownDevice_WaitsForIt(bool clean, int qos)
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await Visit(gateway, target, clean);

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "first", qos);
        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "second", qos);

        // A clean session too: nanoFramework's client asks for one by default.
        await using MosquittoSub device = await MosquittoSub.Start(
            gateway, new SubscriberOptions { ClientId = target, CleanSession = clean }, Unique.Name("other"));
        IReadOnlyList<ReceivedMessage> waited = await device.Messages.WaitForCount(2);
        Assert.AreEqual(("first", qos, "second", qos), (waited[0].Text, waited[0].QoS, waited[1].Text, waited[1].QoS));
    }

    [TestMethod]
    public async Task PUBLISH_P2PQoS0ToAnAbsentDevice_IsDropped()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await Visit(gateway, target, clean: true);

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "too late");
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);
        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "end");

        Assert.AreEqual("end", (await device.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2PToAnUnknownDevice_IsAcknowledgedAndDropped()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("stranger");

        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "who are you", qos: 1);
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);
        await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "end", qos: 1);

        Assert.AreEqual("end", (await device.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    [DataRow(0), DataRow(1)]
    public async Task PUBLISH_P2PWithRETAIN_IsDeliveredAndNotStored(int qos)
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        string topic = $"dm/p2p/{target}";
        await using (RawMqtt device = await RawMqtt.Connect(gateway, target))
        {
            await MosquittoPub.Send(gateway, topic, "now", qos, retain: true);
            RawPacket publish = await device.Next(RawType.Publish);
            Assert.AreEqual(("now", false), (publish.Text, publish.Retain));
            if (qos > 0)
            {
                await device.Send(RawBytes.PubAck(publish.PacketId));
            }

            // The acknowledgement has been read when what follows it has been answered.
            await device.Send(RawBytes.PingReq);
            await device.Next(RawType.PingResp);
        }

        await using RawMqtt again = await RawMqtt.Connect(gateway, target);
        await again.Subscribe(topic);
        await MosquittoPub.Send(gateway, topic, "end");

        Assert.AreEqual("end", (await again.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task PUBLISH_P2PNotAcknowledgedBeforeTheLinkWasLost_IsDeliveredAgain(bool clean)
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        string target = Unique.Name("device");
        await using (RawMqtt device = await RawMqtt.Connect(gateway, target, clean))
        {
            await MosquittoPub.Send(gateway, $"dm/p2p/{target}", "important", qos: 1);
            await device.Next(RawType.Publish);
        }

        await using RawMqtt again = await RawMqtt.Connect(gateway, target, clean);

        RawPacket publish = await again.Next(RawType.Publish);
        Assert.AreEqual("important", publish.Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2PBeyondTheMailbox_TheOldestGiveWay()
    {
        await SharedBroker.GetGateway();
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "Limits:MailboxMessagesMax=3");
        string target = Unique.Name("device");
        await Visit(gateway, target, clean: true);

        await MosquittoPub.SendLines(gateway, $"dm/p2p/{target}", ["1", "2", "3", "4", "5"], qos: 1);
        await using RawMqtt device = await RawMqtt.Connect(gateway, target);

        string[] waited = [(await device.Next()).Text, (await device.Next()).Text, (await device.Next()).Text];
        Assert.AreSequenceEqual(["3", "4", "5"], waited);
    }

    // A device is known from its first connection on.
    private static async Task Visit(GatewayProcess gateway, string clientId, bool clean)
    {
        await using RawMqtt visit = await RawMqtt.Connect(gateway, clientId, clean);
        await visit.Send(RawBytes.Disconnect);
        await visit.WaitForClose();
    }
}
