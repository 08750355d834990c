using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Protocol;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>Nothing is dropped in silence: the first of a kind is said at once, the others are counted in one line a minute.</summary>
[TestClass]
internal sealed class DroppedLinesTests
{
    public static IEnumerable<object[]> AllReasons => Enum.GetValues<DropReason>().Select(static reason => new object[] { reason });

    [TestMethod]
    [DynamicData(nameof(AllReasons))]
    public async Task Drop_OfEachReason_SaidAtOnceWithItsBoundAndThenCountedOnceAMinute(DropReason reason)
    {
        await using TestGateway gateway = TestGateway.Start();
        string line = $"120: client 'kitchen': a message of 64 bytes on 'a/b' is dropped, {reason}: {DropWords.For(reason, gateway.Broker.Limits)}";

        Drop(gateway, 1, new Drop(reason, DropOwner.Client("kitchen"), "a/b", 64));
        Assert.AreEqual(1, Lines(gateway, line), string.Join('\n', gateway.Log.Lines));
        Drop(gateway, 999, new Drop(reason, DropOwner.Client("kitchen"), "a/b", 64));
        gateway.Advance(59);
        Assert.AreEqual(1, Lines(gateway, reason.ToString()));

        gateway.Advance(1);

        Assert.AreEqual(1, Lines(gateway, $"121: client 'kitchen': 999 more messages dropped within a minute, {reason}: "));
        Assert.AreEqual(1000, gateway.Counters.Dropped(reason));
        gateway.Advance(60);
        gateway.Advance(60);
        Assert.AreEqual(2, Lines(gateway, reason.ToString()), "there is nothing more to say");
        Drop(gateway, 1, new Drop(reason, DropOwner.Client("kitchen"), "a/b", 64));
        Assert.AreEqual(2, Lines(gateway, line), "a new beginning");
    }

    [TestMethod]
    [DynamicData(nameof(AllReasons))]
    public void DropWords_OfEachReason_NameSettingsThatThereAre(DropReason reason)
    {
        string[] limits = [.. new GatewayLimits().Bounds().Select(static b => "Limits:" + b.Name)];
        string[] others = ["Policies:MessageExpirySeconds", "Policies:PacketBytesMax", "P2P:Mailbox", "Policies:Mailbox", "Policies:SessionExpirySeconds", "Relay:Rules:MaxAgeSeconds", "Relay:BufferQoS0", "Relay:Rules", "Relay:Profile", "Security:Roles", "Topics:Durable"];
        DropWords words = DropWords.For(reason, new GatewayLimits());
        foreach (string setting in words.Settings.Split(", ", StringSplitOptions.RemoveEmptyEntries))
            CollectionAssert.Contains(limits.Concat(others).ToArray(), setting);
    }

    // Its words are on the disk, which is not read inside a turn: that is said, and not an empty topic.
    [TestMethod]
    public async Task Drop_OfAMessageWhoseTopicIsOnTheDisk_SaidSo()
    {
        await using TestGateway gateway = TestGateway.Start();

        Drop(gateway, 1, new Drop(DropReason.Damaged, DropOwner.Client("kitchen")));

        Assert.AreEqual(1, Lines(gateway, "122: client 'kitchen': a message whose topic is on the disk alone is dropped, Damaged: "), string.Join('\n', gateway.Log.Lines));
        Assert.AreEqual(0, Lines(gateway, "on ''"));
    }

    [TestMethod]
    public async Task SessionQueue_Full_SaidWithTheClientTheBoundAndTheSetting()
    {
        await using TestGateway gateway = TestGateway.Start(l => l.QueueMessagesMax = 3);
        TestClient away = await gateway.ConnectDurableAsync("logger");
        await away.SubscribeAsync("t", QoS.AtLeastOnce);
        await away.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        for (int i = 0; i < 10; i++)
            await publisher.PublishAsync("t", "x", QoS.AtLeastOnce);

        Assert.AreEqual(1, Lines(gateway, "Warning 120: client 'logger': a message of 1 bytes on 't' is dropped, SessionQueueFull: its queue holds 3 messages or 33554432 bytes, and the oldest goes (Limits:QueueMessagesMax, Limits:QueueBytesMax)"));
        gateway.Advance(60);
        Assert.AreEqual(1, Lines(gateway, "Warning 121: client 'logger': 6 more messages dropped within a minute, SessionQueueFull"));
    }

    // Each bound from where it is set: the policy of the client's group, or the limits for all.
    [TestMethod]
    [DataRow("kitchen-1", "2 messages or 2097152 bytes, and the oldest goes (Policies:1:MailboxMessagesMax, Limits:MailboxBytesMax)")]
    [DataRow("hall", "5 messages or 2097152 bytes, and the oldest goes (Limits:MailboxMessagesMax, Limits:MailboxBytesMax)")]
    public async Task Mailbox_Full_SaidWithTheBoundInForceAndItsSetting(string clientId, string words)
    {
        await using TestGateway gateway = TestGateway.Start(
            l => l.MailboxMessagesMax = 5, security: null, new GroupPolicy { Match = "other" }, new GroupPolicy { Match = "kitchen-*", MailboxMessagesMax = 2 });
        await (await gateway.ConnectAsync(clientId)).DropAsync();
        TestClient sender = await gateway.ConnectAsync("app");
        for (int i = 0; i < 7; i++)
            await sender.PublishAsync($"dm/p2p/{clientId}", "x", QoS.AtLeastOnce);

        Assert.AreEqual(1, Lines(gateway, $"Warning 120: client '{clientId}': a message of 1 bytes on 'dm/p2p/{clientId}' is dropped, MailboxFull: its mailbox holds {words}"));
        gateway.Advance(60);
        Assert.AreEqual(2, Lines(gateway, $"MailboxFull: its mailbox holds {words}"));
    }

    [TestMethod]
    public async Task Owners_MoreThanHaveLinesOfTheirOwn_CountedTogetherAndNoOtherReasonHidden()
    {
        await using TestGateway gateway = TestGateway.Start();
        for (int i = 0; i < 10_000; i++)
            Drop(gateway, 1, new Drop(DropReason.RetainedFull, DropOwner.Topic($"t/{i}"), $"t/{i}"));
        Drop(gateway, 1, new Drop(DropReason.MailboxFull, DropOwner.Client("kitchen")));

        Assert.AreEqual(DropLog.OwnersMax, Lines(gateway, "RetainedFull"));
        Assert.AreEqual(1, Lines(gateway, "MailboxFull"));
        gateway.Advance(60);
        Assert.AreEqual(1, Lines(gateway, $"Warning 121: others: {10_000 - DropLog.OwnersMax} more messages dropped within a minute, RetainedFull"));
        Assert.AreEqual(DropLog.OwnersMax + 1, Lines(gateway, "RetainedFull"));
    }

    [TestMethod]
    public async Task Owner_AnyCharacterAndLength_OneShortLine()
    {
        await using TestGateway gateway = TestGateway.Start();
        string topic = "t\u001b[2J\n" + new string('x', 60_000);
        Drop(gateway, 1, new Drop(DropReason.RetainedFull, DropOwner.Topic(topic), topic));

        string line = gateway.Log.Lines.Single(l => l.Contains("RetainedFull", StringComparison.Ordinal));
        Assert.IsLessThan(1_000, line.Length);
        Assert.IsFalse(line.Any(char.IsControl), line);
    }

    [TestMethod]
    public async Task Drops_NotSaidYet_SaidByACleanStop()
    {
        RecordingLog log = new();
        using OneLog loggers = new(log);
        GatewayOptions options = new() { Listen = ["127.0.0.1:0"], Http = "off", Data = GatewayOptions.NoData };
        await using GatewayHost host = GatewayHost.Create(options, loggers);
        await host.StartAsync();
        using (host.Broker.Turn.Enter())
        {
            for (int i = 0; i < 5; i++)
                host.Broker.Counters.Drop(new Drop(DropReason.MailboxFull, DropOwner.Client("kitchen")));
        }

        await Patience.Within(host.StopAsync(), "the stop");

        Assert.AreEqual(1, log.Lines.Count(l => l.StartsWith("Warning 121: client 'kitchen': 4 more messages dropped", StringComparison.Ordinal)));
    }

    private static void Drop(TestGateway gateway, int times, Drop drop) => gateway.Look(b =>
    {
        for (int i = 0; i < times; i++)
            b.Counters.Drop(drop);
        return true;
    });

    private static int Lines(TestGateway gateway, string part) => gateway.Log.Lines.Count(l => l.Contains(part, StringComparison.Ordinal));

    private sealed class OneLog(ILogger log) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
