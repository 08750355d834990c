using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// Retained messages of the gateway itself: what somebody typed in the console was answered as done, had no record, and made the record of the message before go. So the
/// older one was back after a restart. Only figures that are made anew need no record, and those must not leave an older message on the disk either.
/// </summary>
[TestClass]
internal sealed class OwnRetainedTests
{
    // As $SYS does, and the report for the upstream.
    private static void PublishFigure(BrokerOnDisk gateway, string topic) => gateway.Look(broker =>
    {
        Publication publication = new()
        {
            Route = broker.Routes.Get(topic),
            QoS = QoS.AtMostOnce,
            Retain = true,
            Payload = "figure"u8,
            Origin = Origin.Gateway,
            IsMadeAnew = true,
            NowMs = broker.Turn.NowMs,
        };
        return broker.Publish(ref publication);
    });

    // What is lazy is on the disk afterwards.
    private static async Task<BrokerOnDisk> RestartAsync(BrokerOnDisk gateway)
    {
        _ = await (await gateway.ConnectAsync("committer")).PublishAsync("other", "x", QoS.AtLeastOnce, retain: true);
        return BrokerOnDisk.StartOn(await gateway.CrashAsync(new Random(1)));
    }

    private static async Task ExpectAsync(BrokerOnDisk gateway, string? payload)
    {
        TestClient subscriber = await gateway.ConnectAsync("s");
        _ = await subscriber.SubscribeAsync("cfg");
        if (payload is not null)
            Assert.AreEqual(payload, (await subscriber.ReceivePublishAsync()).Payload);
        await subscriber.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce, true)]
    [DataRow(QoS.AtMostOnce, false)]
    [DataRow(QoS.AtLeastOnce, true)]
    [DataRow(QoS.AtLeastOnce, false)]
    [DataRow(QoS.ExactlyOnce, true)]
    public async Task Publish_OfTheProgram_IsRetainedAfterARestart(QoS qoS, bool hasOlder)
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        if (hasOlder)
            _ = await (await gateway.ConnectAsync("p")).PublishAsync("cfg", "old", QoS.AtLeastOnce, retain: true);
        gateway.Mqtt.Publish("cfg", "new"u8, qoS, retain: true);
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        await ExpectAsync(restarted, "new");
    }

    [TestMethod]
    public async Task Publish_OfTheProgram_EmptyOne_RemovesItFromTheDisk()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        gateway.Mqtt.Publish("cfg", "new"u8, QoS.AtLeastOnce, retain: true);
        gateway.Mqtt.Publish("cfg", [], QoS.AtLeastOnce, retain: true);
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        await ExpectAsync(restarted, null);
    }

    [TestMethod]
    public async Task Figure_TakesThePlaceOfAClientsMessage_TheOlderIsNotThereAfterARestart()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        _ = await (await gateway.ConnectAsync("p")).PublishAsync("cfg", "old", QoS.AtLeastOnce, retain: true);
        PublishFigure(gateway, "cfg");
        await ExpectAsync(gateway, "figure");
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        await ExpectAsync(restarted, null);
    }

    [TestMethod]
    public async Task Figure_WritesNothing()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        _ = await (await gateway.ConnectAsync("p")).PublishAsync("cfg", "old", QoS.AtLeastOnce, retain: true);
        long before = gateway.Look(static b => b.Kept().LastPosition);
        PublishFigure(gateway, "$SYS/broker/uptime");
        PublishFigure(gateway, "$SYS/broker/uptime");
        Assert.AreEqual(before, gateway.Look(static b => b.Kept().LastPosition));
    }
}
