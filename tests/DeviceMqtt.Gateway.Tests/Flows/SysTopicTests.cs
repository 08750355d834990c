using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Flows;

/// <summary>The state of the broker below <c>$SYS/broker</c>, as dashboards made for mosquitto look for it.</summary>
[TestClass]
internal sealed class SysTopicTests
{
    private static void Publish(TestGateway gateway, SysTopics topics)
    {
        using Turn.Scope scope = gateway.Broker.Turn.Enter();
        topics.Publish();
    }

    [TestMethod]
    [DataRow("clients/connected", "2")]
    [DataRow("clients/disconnected", "1")]
    [DataRow("clients/total", "3")]
    [DataRow("clients/maximum", "3")]
    [DataRow("clients/expired", "0")]
    [DataRow("publish/messages/received", "2")]
    [DataRow("publish/messages/dropped", "0")]
    [DataRow("subscriptions/count", "3")]
    [DataRow("clients/active", "2")]
    [DataRow("clients/inactive", "1")]
    [DataRow("subscriptions/refused", "0")]
    [DataRow("shared_subscriptions/count", "1")]
    [DataRow("publish/bytes/received", "2")]
    [DataRow("publish/bytes/sent", "1")]
    [DataRow("publish/messages/at-once", "0")]
    [DataRow("uptime", "90 seconds")]
    public async Task Value_Published_RetainedUnderMosquittosName(string name, string value)
    {
        await using TestGateway gateway = TestGateway.Start();
        SysTopics topics = new(gateway.Mqtt);
        TestClient absent = await gateway.ConnectDurableAsync("absent");
        await absent.SubscribeAsync("t", QoS.AtLeastOnce);
        await absent.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.SubscribeAsync("kept");
        await publisher.SubscribeAsync("$share/group/nothing");
        await publisher.PublishAsync("t", "x", QoS.AtLeastOnce);
        await publisher.PublishAsync("kept", "x", retain: true);
        await publisher.ReceivePublishAsync();
        TestClient dashboard = await gateway.ConnectAsync("dashboard");
        gateway.Advance(90);
        Publish(gateway, topics);
        await dashboard.SubscribeAsync($"$SYS/broker/{name}");
        ReceivedPublish publish = await dashboard.ReceivePublishAsync();
        Assert.AreEqual((value, true), (publish.Payload, publish.Retain));
    }

    [TestMethod]
    public async Task Dropped_EachReason_HasATopicOfItsOwn()
    {
        await using TestGateway gateway = TestGateway.Start();
        SysTopics topics = new(gateway.Mqtt);
        DropReason[] all = Enum.GetValues<DropReason>();
        foreach (DropReason reason in all)
            for (int i = 0; i <= (int)reason; i++)
                _ = gateway.Look(b =>
                {
                    b.Counters.Drop(new Drop(reason, DropOwner.Client("c")));
                    return true;
                });
        Publish(gateway, topics);
        TestClient dashboard = await gateway.ConnectAsync("dashboard");
        foreach (DropReason reason in all)
        {
            await dashboard.SubscribeAsync($"$SYS/broker/publish/messages/dropped/{reason}");
            Assert.AreEqual($"{(int)reason + 1}", (await dashboard.ReceivePublishAsync()).Payload);
        }
    }

    [TestMethod]
    public async Task Values_Published_NotForTheWildcardAndNotRelayedAsChangesOfNothing()
    {
        await using TestGateway gateway = TestGateway.Start();
        SysTopics topics = new(gateway.Mqtt);
        TestClient everything = await gateway.ConnectAsync("everything");
        await everything.SubscribeAsync("#");
        TestClient dashboard = await gateway.ConnectAsync("dashboard");
        await dashboard.SubscribeAsync("$SYS/broker/clients/#");
        Publish(gateway, topics);
        HashSet<string> first = [];
        for (int i = 0; i < 7; i++)
            Assert.IsTrue(first.Add((await dashboard.ReceivePublishAsync()).Topic));
        await dashboard.ExpectNothingAsync();
        gateway.Advance(10);
        Publish(gateway, topics);
        await dashboard.ExpectNothingAsync(); // nothing has changed
        await gateway.ConnectAsync("one-more");
        Publish(gateway, topics);
        Assert.AreEqual(("$SYS/broker/clients/connected", "3"), (await dashboard.ReceivePublishAsync()).TopicAndPayload);
        await everything.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Load_OfASteadyRate_ApproachesIt()
    {
        await using TestGateway gateway = TestGateway.Start();
        SysTopics topics = new(gateway.Mqtt);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 60; i++)
        {
            for (int n = 0; n < 5; n++)
                await publisher.SendPublishAsync("t", "x");
            await publisher.ExpectNothingAsync();
            gateway.Advance(10);
            Publish(gateway, topics);
        }

        TestClient dashboard = await gateway.ConnectAsync("dashboard");
        await dashboard.SubscribeAsync("$SYS/broker/load/publish/received/1min");
        Assert.AreEqual(30.0, double.Parse((await dashboard.ReceivePublishAsync()).Payload), 0.1); // 5 in 10 s
        await dashboard.SubscribeAsync("$SYS/broker/load/publish/received/15min");
        Assert.IsInRange(10.0, 20.0, double.Parse((await dashboard.ReceivePublishAsync()).Payload)); // ten minutes of it
    }

    // A hundred values for each of them: no turn hands out more than a slice. Each look at the clock takes a millisecond.
    [TestMethod]
    public async Task Values_ManyDashboards_NoTurnGivesThemMoreThanASlice()
    {
        const int Dashboards = 300;
        await using TestGateway gateway = TestGateway.Start(static l => l.SharePercentMax = 100);
        SysTopics topics = new(gateway.Mqtt);
        List<TestClient> dashboards = [];
        for (int i = 0; i < Dashboards; i++)
        {
            dashboards.Add(await gateway.ConnectAsync($"dashboard {i}"));
            _ = await dashboards[i].SubscribeAsync("$SYS/broker/#");
        }

        Func<long> most = gateway.MostInOneTurn(() => gateway.Counters.MessagesSent);
        gateway.Time.LookMs = 1;
        Publish(gateway, topics);
        await Patience.Until(() => gateway.Look(static b => b.FanOuts.Count) == 0, "all values for all");
        gateway.Time.LookMs = 0;
        Assert.AreEqual(0, gateway.Counters.MessagesSent % Dashboards);
        Assert.IsGreaterThan(100 * Dashboards, gateway.Counters.MessagesSent);
        Assert.IsLessThanOrEqualTo(512, most());
        Assert.AreEqual(SysTopics.Product + SysTopics.VersionText, (await dashboards[^1].ReceivePublishAsync()).Payload);
    }
}
