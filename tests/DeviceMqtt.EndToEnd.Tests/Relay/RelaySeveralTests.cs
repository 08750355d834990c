namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>Several addresses of one upstream, and several upstreams side by side.</summary>
[TestClass]
public sealed class RelaySeveralTests
{
    [TestMethod]
    public async Task Addresses_FirstIsAway_NextIsTaken()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        await using MosquittoSub app = await MosquittoSub.Start(upstream, "dm/#");
        await using GatewayProcess gateway = await GatewayProcess.Start(
            "--upstream", $"mqtt://127.0.0.1:{FreePorts.Take()},mqtt://127.0.0.1:{upstream.Port}", "--set", "Relay:BackoffMinMs=3600000", "--set", "Relay:BackoffMaxMs=3600000");

        await MosquittoPub.Send(gateway, "dm/b/info", "birth", qos: 1);

        await app.Messages.WaitFor(m => m.Text == "birth", "the message");
    }

    [TestMethod]
    public async Task Upstreams_OneIsAway_TheOtherGetsItsMessagesAndEachItsOwnBacklog()
    {
        await using MosquittoBroker first = await MosquittoBroker.Start();
        await using MosquittoBroker second = await MosquittoBroker.Start();
        SubscriberOptions reader = new() { ClientId = "reader", QoS = 1, CleanSession = false };
        await (await MosquittoSub.Start(second, reader, "#")).DisconnectAndDispose();
        await second.Down();
        await using MosquittoSub app = await MosquittoSub.Start(first, "dm/#");
        await using GatewayProcess gateway = await GatewayProcess.Start(
            "--upstream", $"mqtt://127.0.0.1:{first.Port}", "--set", "Relays:0:Name=second", "--set", $"Relays:0:Addresses:0=mqtt://127.0.0.1:{second.Port}",
            "--set", "Relays:0:BackoffMinMs=50", "--set", "Relays:0:BackoffMaxMs=200",
            "--set", "Relays:0:Rules:0:Filter=dm/+/evt/#", "--set", "Relays:0:Rules:0:Topic=sites/{gateway}/{1}/{#}", "--set", "Relays:0:ClientId=hall");

        await MosquittoPub.Send(gateway, "dm/b/info", "for the first alone", qos: 1);
        await MosquittoPub.Send(gateway, "dm/b/evt/alarm", "for both", qos: 1);
        await app.Messages.WaitFor(m => m.Text == "for both", "the message at the first");
        await second.Up();

        await using MosquittoSub late = await MosquittoSub.Start(second, reader, "#");
        await late.Messages.WaitFor(m => m.Topic == "sites/hall/b/alarm" && m.Text == "for both", "the message at the second");
        Assert.IsEmpty(late.Messages.Items.Where(m => m.Text == "for the first alone").ToArray());
    }
}
