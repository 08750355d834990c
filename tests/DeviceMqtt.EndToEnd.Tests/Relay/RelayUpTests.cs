namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>What is published on the gateway arrives at the upstream, mosquitto, through its outages.</summary>
[TestClass]
public sealed class RelayUpTests
{
    [TestMethod]
    public async Task PUBLISH_OnTheGateway_ArrivesUpstreamOnceAtEveryQoS()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using MosquittoSub cloud = await MosquittoSub.Start(relayed.Upstream, new SubscriberOptions { QoS = 2 }, "dm/#");

        await MosquittoPub.Send(relayed.Gateway, "dm/board-1/tele/climate", "qos 0", qos: 0);
        await MosquittoPub.Send(relayed.Gateway, "dm/board-1/tele/climate", "qos 1", qos: 1);
        await MosquittoPub.Send(relayed.Gateway, "dm/board-1/tele/climate", "qos 2", qos: 2);
        await MosquittoPub.Send(relayed.Gateway, "dm/board-1/tele/climate", "end", qos: 1);

        string[] arrived = [.. (await cloud.MessagesBefore("end")).Select(message => $"{message.Topic} {message.Text}")];
        Assert.AreSequenceEqual(
            ["dm/board-1/tele/climate qos 0", "dm/board-1/tele/climate qos 1", "dm/board-1/tele/climate qos 2"], arrived);
    }

    [TestMethod]
    public async Task PUBLISH_RetainedOnTheGateway_IsRetainedUpstream()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using MosquittoSub live = await MosquittoSub.Start(relayed.Upstream, "presence/#");
        await MosquittoPub.Send(relayed.Gateway, "presence/board-1", "true", qos: 1, retain: true);
        await live.Messages.WaitFor(message => message.Topic == "presence/board-1", "the presence upstream");

        await using MosquittoSub late = await MosquittoSub.Start(relayed.Upstream, "presence/board-1");

        ReceivedMessage message = (await late.Messages.WaitForCount(1))[0];
        Assert.AreEqual(("true", true), (message.Text, message.Retain));
    }

    [TestMethod]
    public async Task Upstream_DownAndUpAgain_EverythingOfTheOutageArrivesInOrder()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        // A session that mosquitto keeps over its restart, so that nothing is missed between its start and our SUBSCRIBE.
        SubscriberOptions options = new() { ClientId = "cloud", QoS = 1, CleanSession = false };
        await using (MosquittoSub before = await MosquittoSub.Start(relayed.Upstream, options, "dm/#"))
        {
            await MosquittoPub.Send(relayed.Gateway, "dm/board-1/tele/climate", "before", qos: 1);
            await before.Messages.WaitFor(message => message.Text == "before", "what was published before the outage");
            await before.Disconnect();
        }

        await relayed.Upstream.Down();
        string[] outage = [.. Enumerable.Range(1, 500).Select(number => $"outage {number}")];
        await MosquittoPub.SendLines(relayed.Gateway, "dm/board-1/tele/climate", outage, qos: 1);
        await relayed.Upstream.Up();

        await using MosquittoSub after = await MosquittoSub.Start(relayed.Upstream, options, "dm/#");
        string[] arrived = [.. (await after.Messages.WaitForCount(outage.Length)).Select(message => message.Text)];
        Assert.AreSequenceEqual(outage, arrived);
    }

    [TestMethod]
    public async Task Upstream_GoneTwiceWhileAPublisherGoesOn_NothingIsLostAndOrderIsKept()
    {
        const int Count = 3000;
        await using RelayedGateway relayed = await RelayedGateway.Start();
        SubscriberOptions options = new() { ClientId = "cloud", QoS = 1, CleanSession = false };
        await using MosquittoSub cloud = await MosquittoSub.Start(relayed.Upstream, options, "dm/#");
        await using RawMqtt board = await RawMqtt.Connect(relayed.Gateway, "board-1");

        for (int number = 1; number <= Count; number++)
        {
            await board.Send(RawBytes.Publish("dm/board-1/tele/climate", $"{number}", qos: 1, packetId: number));
            if (number is 1000 or 2000)
            {
                // In the midst of it, with messages on their way.
                await relayed.Upstream.Down();
                await relayed.Upstream.Up();
            }
        }

        await cloud.Messages.WaitFor(message => message.Text == $"{Count}", "the last message");
        // QoS 1: what was not acknowledged when the line broke may come again, but first arrivals are all there and in order.
        int[] firsts = [.. cloud.Messages.Items.Select(message => int.Parse(message.Text)).Distinct()];
        Assert.AreSequenceEqual(Enumerable.Range(1, Count), firsts);
    }

    [TestMethod]
    public async Task Upstream_NotThereAtStart_IsFoundWhenItComes()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        await upstream.Down();
        await using GatewayProcess gateway = await GatewayProcess.Start(RelayedGateway.ArgumentsFor(upstream));
        await MosquittoPub.Send(gateway, "dm/board-1/tele/climate", "early", qos: 1, retain: true);

        await upstream.Up();

        await using MosquittoSub cloud = await MosquittoSub.Start(upstream, "dm/#");
        Assert.AreEqual("early", (await cloud.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    public async Task Upstream_BufferFull_TheOldestGiveWay()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        SubscriberOptions options = new() { ClientId = "cloud", QoS = 1, CleanSession = false };
        await using (MosquittoSub before = await MosquittoSub.Start(upstream, options, "dm/#"))
        {
            await before.Disconnect();
        }

        await upstream.Down();
        await using GatewayProcess gateway = await GatewayProcess.Start(
            [.. RelayedGateway.ArgumentsFor(upstream), "--set", "Limits:RelayMessagesMax=10"]);
        await MosquittoPub.SendLines(gateway, "dm/board-1/tele/climate", Enumerable.Range(1, 30).Select(number => $"{number}"), qos: 1);
        await upstream.Up();
        await using MosquittoSub after = await MosquittoSub.Start(upstream, options, "dm/#");
        await after.Messages.WaitFor(message => message.Text == "30", "the newest message");

        Assert.AreSequenceEqual(
            Enumerable.Range(21, 10).Select(number => $"{number}").ToArray(), after.Messages.Items.Select(message => message.Text).ToArray());
    }

    [TestMethod]
    public async Task Upstream_UserAndPasswordInItsAddress_AreUsed()
    {
        // Characters that have to be percent-encoded in an address.
        await using MosquittoBroker upstream = await MosquittoBroker.Start("maria", "p@ss:w/rd");
        await using GatewayProcess gateway = await GatewayProcess.Start(
            "--upstream", $"mqtt://maria:p%40ss%3Aw%2Frd@{BrokerUnderTest.Host}:{upstream.Port}");
        await using MosquittoSub cloud = await MosquittoSub.Start(
            upstream, new SubscriberOptions { UserName = "maria", Password = "p@ss:w/rd" }, "dm/#");

        await MosquittoPub.Send(gateway, "dm/board-1/tele/climate", "let in", qos: 1);

        Assert.AreEqual("let in", (await cloud.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    public async Task Upstream_WrongPassword_TheLogSaysSoWithoutItAndTheGatewayServes()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start("maria", "right");
        await using GatewayProcess gateway = await GatewayProcess.Start(
            "--upstream", $"mqtt://maria:s3cretGuess@{BrokerUnderTest.Host}:{upstream.Port}");

        await gateway.Process.Output.WaitFor(
            line => line.Contains("warn", StringComparison.Ordinal) && line.Contains("upstream", StringComparison.Ordinal), "a warning about the upstream");

        await using RawMqtt client = await RawMqtt.Connect(gateway, "still-served");
        Assert.IsFalse(gateway.Process.Output.Items.Any(line => line.Contains("s3cretGuess", StringComparison.Ordinal)), "a password in the log");
    }

    [TestMethod]
    public async Task Gateway_ComesAndGoes_ItsPresenceUpstreamTellsTheTruth()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        await using MosquittoSub cloud = await MosquittoSub.Start(upstream, $"presence/{RelayedGateway.ClientId}");

        await using (GatewayProcess first = await GatewayProcess.Start(RelayedGateway.ArgumentsFor(upstream)))
        {
            Assert.AreEqual("true", (await cloud.Messages.WaitForCount(1))[0].Text, "connected");
            await first.Stop();
            Assert.AreEqual("false", (await cloud.Messages.WaitForCount(2))[1].Text, "stopped");
        }

        await using GatewayProcess second = await GatewayProcess.Start(RelayedGateway.ArgumentsFor(upstream));
        Assert.AreEqual("true", (await cloud.Messages.WaitForCount(3))[2].Text, "connected again");
        await second.Process.Kill();
        Assert.AreEqual("false", (await cloud.Messages.WaitForCount(4))[3].Text, "killed: its Will");
    }
}
