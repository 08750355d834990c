namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>A bridge between mosquitto and the gateway: made by mosquitto, or by the gateway, in each version that both speak.</summary>
[TestClass]
public sealed class MosquittoBridgeTests
{
    [TestMethod]
    [DataRow("mqttv31")]
    [DataRow("mqttv311")]
    [DataRow("mqttv50")]
    public async Task BridgeOfMosquitto_BothWays_EachMessageOnceAndItsStateIsTold(string version)
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using MosquittoSub here = await MosquittoSub.Start(gateway, new SubscriberOptions { QoS = 1 }, "up/#", "$SYS/broker/connection/#");
        await using MosquittoBroker mosquitto = await MosquittoBroker.Start(bridge:
        [
            "connection hall", $"address {BrokerUnderTest.Host}:{gateway.Port}", $"bridge_protocol_version {version}", "topic # both 1",
        ]);
        await here.Messages.WaitFor(static m => m.Topic.StartsWith("$SYS/broker/connection/", StringComparison.Ordinal) && m.Text == "1", "the state of the bridge");
        // It tells its state before it subscribes: what comes in between is not for it.
        await mosquitto.Log.WaitFor(static line => line.Contains("Received SUBACK", StringComparison.Ordinal), "the subscription of the bridge");
        await using MosquittoSub there = await MosquittoSub.Start(mosquitto, new SubscriberOptions { QoS = 1 }, "down/#");

        await MosquittoPub.Send(mosquitto, "up/a", "first", qos: 1);
        await MosquittoPub.Send(gateway, "down/a", "first", qos: 1);
        await MosquittoPub.Send(mosquitto, "up/a", "end", qos: 1);
        await MosquittoPub.Send(gateway, "down/a", "end", qos: 1);
        await there.Messages.WaitFor(static m => m.Text == "end", "what comes down");
        await here.Messages.WaitFor(static m => m.Text == "end", "what goes up");
        Assert.AreSequenceEqual(["first", "end"], there.Messages.Items.Select(static m => m.Text).ToArray());
        Assert.AreSequenceEqual(["first", "end"], here.Messages.Items.Where(static m => m.Topic == "up/a").Select(static m => m.Text).ToArray());

        await mosquitto.Kill();
        await here.Messages.WaitFor(static m => m.Topic.StartsWith("$SYS/broker/connection/", StringComparison.Ordinal) && m.Text == "0", "the Will of the bridge");
    }

    [TestMethod]
    [DataRow("5.0")]
    [DataRow("3.1.1")]
    public async Task BridgeOfTheGateway_BothWays_EachMessageOnce(string version)
    {
        await using RelayedGateway relayed = await RelayedGateway.Start(
            "--set", $"Relay:Protocol={version}", "--set", "Relay:Rules:0:Filter=#", "--set", "Relay:Rules:1:Direction=In", "--set", "Relay:Rules:1:Filter=down/#");
        await using MosquittoSub there = await MosquittoSub.Start(relayed.Upstream, new SubscriberOptions { QoS = 1 }, "up/#");
        await using MosquittoSub here = await MosquittoSub.Start(relayed.Gateway, new SubscriberOptions { QoS = 1 }, "down/#");
        await relayed.Upstream.Log.WaitFor(static line => line.Contains("down/# (QoS", StringComparison.Ordinal), "the subscription of the gateway");

        await MosquittoPub.Send(relayed.Gateway, "up/a", "first", qos: 1);
        await MosquittoPub.Send(relayed.Upstream, "down/a", "first", qos: 1);
        await MosquittoPub.Send(relayed.Gateway, "up/a", "end", qos: 1);
        await MosquittoPub.Send(relayed.Upstream, "down/a", "end", qos: 1);
        await there.Messages.WaitFor(static m => m.Text == "end", "what goes up");
        await here.Messages.WaitFor(static m => m.Text == "end", "what comes down");
        Assert.AreSequenceEqual(["first", "end"], there.Messages.Items.Select(static m => m.Text).ToArray());
        Assert.AreSequenceEqual(["first", "end"], here.Messages.Items.Select(static m => m.Text).ToArray());
    }
}
