namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>Gateways over gateways, and several on one upstream: each message arrives once, and commands find their device.</summary>
[TestClass]
public sealed class RelayChainTests
{
    private const string Both = "Relay:Rules:0:Filter=shared/#";

    [TestMethod]
    [DataRow("5.0"), LongDataRow("3.1.1")]
    public async Task Chain_GatewayOverGateway_MessageUpOnceAndCommandDownOnce(string protocol)
    {
        await using RelayedGateway upper = await RelayedGateway.Start(
            "--set", $"Relay:Protocol={protocol}", "--set", "Security:Users:lower=secret", "--set", "Security:Roles:lower=bridge", "--set", "Security:AllowAnonymous=true", "--set", "Security:AnonymousRole=Operator");
        await using GatewayProcess lower = await GatewayProcess.Start(
            "--upstream", $"mqtt://lower:secret@127.0.0.1:{upper.Gateway.Port}", "--set", "Relay:ClientId=lower", "--set", "Security:Rights:board:Publish:0=#", "--set", "Security:Rights:board:Subscribe:0=#", "--set", "Security:LocalRole=board", "--set", "Relay:BackoffMinMs=50", "--set", $"Relay:Protocol={protocol}");
        await using MosquittoSub app = await MosquittoSub.Start(upper.Upstream, new SubscriberOptions { ClientId = "app", QoS = 1 }, "dm/#");
        await using RawMqtt board = await RawMqtt.Connect(lower, "board-1");
        await upper.WaitForCommandPath("board-1");

        await board.Send(RawBytes.Publish("dm/board-1/info", "birth", qos: 1, packetId: 1));
        await board.Next(RawType.PubAck);
        await MosquittoPub.Send(upper.Upstream, "dm/p2p/board-1", "command", qos: 1);
        await MosquittoPub.Send(upper.Upstream, "dm/p2p/board-1", "marker", qos: 1);

        await app.Messages.WaitFor(m => m.Text == "birth", "the board's message");
        RawPacket command = await board.Next(RawType.Publish);
        Assert.AreEqual("command", command.Text);
        await board.Send(RawBytes.PubAck(command.PacketId));
        Assert.AreEqual("marker", (await board.Next(RawType.Publish)).Text);
        await MosquittoPub.Send(lower, "dm/end", "end", qos: 1);
        await app.Messages.WaitFor(m => m.Text == "end", "the end");
        Assert.HasCount(1, app.Messages.Items.Where(m => m.Text == "birth").ToArray());
    }

    [TestMethod]
    [DataRow("5.0"), LongDataRow("3.1.1")]
    public async Task TwoGateways_SameRulesBothWays_EachMessageOnceEverywhere(string protocol)
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        await using GatewayProcess one = await GatewayProcess.Start(ArgumentsFor(upstream, "one", protocol));
        await using GatewayProcess two = await GatewayProcess.Start(ArgumentsFor(upstream, "two", protocol));
        foreach (string name in new[] { "one", "two" })
            await upstream.Log.WaitFor(line => line.EndsWith($"{name} 1 shared/#", StringComparison.Ordinal), $"the subscription of {name}");
        await using MosquittoSub above = await MosquittoSub.Start(upstream, new SubscriberOptions { ClientId = "above", QoS = 1 }, "shared/#");
        await using MosquittoSub atOne = await MosquittoSub.Start(one, new SubscriberOptions { ClientId = "at-one", QoS = 1 }, "shared/#");
        await using MosquittoSub atTwo = await MosquittoSub.Start(two, new SubscriberOptions { ClientId = "at-two", QoS = 1 }, "shared/#");
        MosquittoSub[] all = [above, atOne, atTwo];

        await MosquittoPub.Send(one, "shared/a", "from one", qos: 1);
        await MosquittoPub.Send(two, "shared/a", "from two", qos: 1);
        await MosquittoPub.Send(upstream, "shared/a", "from above", qos: 1);
        foreach (string text in new[] { "from one", "from two", "from above" })
            foreach (MosquittoSub reader in all)
                await reader.Messages.WaitFor(m => m.Text == text, text);

        // What went round would have come before these.
        await MosquittoPub.Send(one, "shared/a", "end", qos: 1);
        await MosquittoPub.Send(two, "shared/a", "end", qos: 1);
        foreach (MosquittoSub reader in all)
        {
            await reader.Messages.WaitForCount(5);
            Assert.HasCount(3, reader.Messages.Items.Where(m => m.Text != "end").ToArray());
        }
    }

    private static string[] ArgumentsFor(MosquittoBroker upstream, string name, string protocol) =>
    [
        "--upstream", $"mqtt://127.0.0.1:{upstream.Port}", "--set", $"Relay:ClientId={name}", "--set", $"Relay:Protocol={protocol}", "--set", "Relay:BackoffMinMs=50",
        "--set", Both, "--set", "Relay:Rules:1:Direction=In", "--set", "Relay:Rules:1:Filter=shared/#",
    ];
}
