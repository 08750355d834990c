namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>P2P messages published at the upstream arrive at the one device behind the gateway, and its answer returns.</summary>
[TestClass]
public sealed class RelayDownTests
{
    private const string Board = "GID_test@@@board-1";

    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(2)]
    public async Task PUBLISH_P2PUpstream_ArrivesAtTheDeviceAndTheAnswerReturns(int qos)
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using MosquittoSub app = await MosquittoSub.Start(
            relayed.Upstream, new SubscriberOptions { ClientId = "app", QoS = 2 }, "dm/p2p/app");
        await using RawMqtt board = await RawMqtt.Connect(relayed.Gateway, Board);
        await relayed.WaitForCommandPath(Board);

        await MosquittoPub.Send(relayed.Upstream, $"dm/p2p/{Board}", "relay on", qos);
        RawPacket command = await board.Next(RawType.Publish);
        Assert.AreEqual(($"dm/p2p/{Board}", "relay on", qos), (command.Topic, command.Text, command.QoS));
        await board.Send(RawBytes.Publish("dm/p2p/app", "done", qos: 1, packetId: 1));

        Assert.AreEqual("done", (await app.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2PUpstreamToAnAbsentKnownDevice_WaitsForIt()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using (RawMqtt visit = await RawMqtt.Connect(relayed.Gateway, Board))
        {
            await relayed.WaitForCommandPath(Board);
        }

        await MosquittoPub.Send(relayed.Upstream, $"dm/p2p/{Board}", "when you are back", qos: 1);
        await relayed.Upstream.Log.WaitFor(
            line => line.Contains($"Received PUBACK from {RelayedGateway.ClientId}", StringComparison.Ordinal)
                || line.Contains($"Received PUBREC from {RelayedGateway.ClientId}", StringComparison.Ordinal),
            "the gateway's acknowledgement");
        await using RawMqtt again = await RawMqtt.Connect(relayed.Gateway, Board);

        Assert.AreEqual("when you are back", (await again.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2PUpstreamWhileTheGatewayIsCutOff_ArrivesAfterwards()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using RawMqtt board = await RawMqtt.Connect(relayed.Gateway, Board);
        await relayed.WaitForCommandPath(Board);

        await relayed.Upstream.Down();
        await relayed.Upstream.Up();
        // The gateway may or may not be back by now; its session upstream is.
        await MosquittoPub.Send(relayed.Upstream, $"dm/p2p/{Board}", "across the outage", qos: 1);

        Assert.AreEqual("across the outage", (await board.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2PBetweenDevicesOfTheGateway_StaysThere()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start("--set", "Security:LocalRole=Operator");
        await using MosquittoSub cloud = await MosquittoSub.Start(relayed.Upstream, "#");
        await using RawMqtt board = await RawMqtt.Connect(relayed.Gateway, Board);

        await MosquittoPub.Send(relayed.Gateway, $"dm/p2p/{Board}", "local", qos: 1);
        Assert.AreEqual("local", (await board.Next(RawType.Publish)).Text);
        await MosquittoPub.Send(relayed.Gateway, "dm/board-1/tele/climate", "end", qos: 1);

        Assert.DoesNotContain("local", (await cloud.MessagesBefore("end")).Select(message => message.Text));
    }

    [TestMethod]
    public async Task PUBLISH_UpstreamToAnOrdinaryTopic_StaysThere()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using RawMqtt board = await RawMqtt.Connect(relayed.Gateway, Board);
        await board.Subscribe("#");
        await relayed.WaitForCommandPath(Board);

        await MosquittoPub.Send(relayed.Upstream, "dm/board-1/tele/climate", "of another gateway", qos: 1);
        await MosquittoPub.Send(relayed.Upstream, $"dm/p2p/{Board}", "end", qos: 1);

        RawPacket[] seen = [await board.Next(RawType.Publish)];
        Assert.AreEqual("end", seen[0].Text);
    }

    [TestMethod]
    public async Task PUBLISH_P2PUpstream_NeverGoesBackUp()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using RawMqtt board = await RawMqtt.Connect(relayed.Gateway, Board);
        await relayed.WaitForCommandPath(Board);
        await using MosquittoSub cloud = await MosquittoSub.Start(relayed.Upstream, "#");

        await MosquittoPub.Send(relayed.Upstream, $"dm/p2p/{Board}", "once", qos: 1);
        Assert.AreEqual("once", (await board.Next(RawType.Publish)).Text);
        // What the gateway would send back stands in its queue before this.
        await MosquittoPub.Send(relayed.Gateway, "dm/board-1/tele/climate", "end", qos: 1);

        Assert.ContainsSingle(message => message.Text == "once", await cloud.MessagesBefore("end"));
    }
}
