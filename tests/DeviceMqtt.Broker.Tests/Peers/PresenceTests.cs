using System.Text.Json;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>Presence as the gateway sees it: <c>$gw/presence/{clientId}</c>.</summary>
[TestClass]
internal sealed class PresenceTests
{
    private const string Topic = "$gw/presence/dev";

    [TestMethod]
    [DataRow("$gw/presence/dev"), DataRow("$gw/presence/+"), DataRow("$gw/presence/#"), DataRow("$gw/#")]
    public async Task Client_ComesAndGoes_ToldOnceEach(string filter)
    {
        await using TestBroker gateway = Start();
        TestClient watcher = await gateway.ConnectAsync("");
        await watcher.SubscribeAsync(filter, QoS.AtLeastOnce);

        TestClient device = await gateway.ConnectAsync("dev");
        long conn = await ExpectAsync(watcher, online: true, "connected", retain: false);
        await device.DisconnectAsync();
        Assert.AreEqual(conn, await ExpectAsync(watcher, online: false, "disconnected", retain: false));
        TestClient again = await gateway.ConnectAsync("dev");
        Assert.IsGreaterThan(conn, await ExpectAsync(watcher, online: true, "connected", retain: false));
        await again.ResetAsync();
        await ExpectAsync(watcher, online: false, "lost", retain: false);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Subscriber_Late_GetsWhatIsSoNowWithRetain()
    {
        await using TestBroker gateway = Start();
        TestClient device = await gateway.ConnectAsync("dev");
        TestClient first = await gateway.ConnectAsync("");
        await first.SubscribeAsync("$gw/presence/+", QoS.AtLeastOnce);
        await ExpectAsync(first, online: true, "connected", retain: true);
        await device.DropAsync();

        TestClient second = await gateway.ConnectAsync("");
        await second.SubscribeAsync(Topic);

        await ExpectAsync(second, online: false, "lost", retain: true);
    }

    [TestMethod]
    [DataRow("#"), DataRow("+/presence/dev"), DataRow("$gw/presence"), DataRow("$share/g/$gw/presence/+")]
    public async Task Subscriber_OfOtherTopics_GetsNone(string filter)
    {
        await using TestBroker gateway = Start();
        await gateway.ConnectAsync("dev");
        TestClient watcher = await gateway.ConnectAsync("");

        await watcher.SubscribeAsync(filter, QoS.AtLeastOnce);

        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Client_PublishesPresence_Refused()
    {
        await using TestBroker gateway = Start();
        TestClient liar = await gateway.ConnectAsync("liar", ProtocolVersion.V5);

        Assert.AreEqual(ReasonCode.NotAuthorized, await liar.PublishAsync(Topic, """{"online":true}""", QoS.AtLeastOnce, retain: true));
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311), DataRow(ProtocolVersion.V5)]
    public async Task TakeOver_OneChangeWithTheNewConnection(ProtocolVersion version)
    {
        await using TestBroker gateway = Start();
        TestClient watcher = await gateway.ConnectAsync("");
        await watcher.SubscribeAsync(Topic, QoS.AtLeastOnce);
        await gateway.ConnectAsync("dev", version);
        long conn = await ExpectAsync(watcher, online: true, "connected", retain: false);

        await gateway.ConnectAsync("dev", version);

        Assert.IsGreaterThan(conn, await ExpectAsync(watcher, online: true, "connected", retain: false));
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task KeepAlive_RunsOut_Silent()
    {
        await using TestBroker gateway = Start();
        TestClient device = gateway.Open();
        await device.ConnectAsync("dev", keepAliveSeconds: 10);
        TestClient watcher = await gateway.ConnectAsync("");
        await watcher.SubscribeAsync(Topic, QoS.AtLeastOnce);
        await ExpectAsync(watcher, online: true, "connected", retain: true);

        gateway.Advance(16);

        await ExpectAsync(watcher, online: false, "silent", retain: false);
    }

    [TestMethod]
    [DataRow("\"sleepFor\":600"), DataRow("\"sleepUntil\":{+600}")]
    public async Task Device_SaysThatItSleeps_AsleepThenOverdue(string sleep)
    {
        await using TestBroker gateway = Start();
        TestClient watcher = await gateway.ConnectAsync("");
        await watcher.SubscribeAsync(Topic, QoS.AtLeastOnce);
        TestClient device = await gateway.ConnectAsync("dev");
        await ExpectAsync(watcher, online: true, "connected", retain: false);
        long until = gateway.Time.GetUtcNow().ToUnixTimeSeconds() + 600;
        string birth = $$"""{"id":"dev","b":1,"up":1,{{sleep.Replace("{+600}", $"{until}", StringComparison.Ordinal)}}}""";
        await device.PublishAsync("dm/dev/info", birth, QoS.AtLeastOnce, retain: true);
        await device.DisconnectAsync();

        ReceivedPublish asleep = await watcher.ReceivePublishAndAckAsync();
        Assert.Contains($"\"reason\":\"asleep\",\"conn\":2,\"until\":{until}", asleep.Payload, StringComparison.Ordinal);
        gateway.Advance(629);
        await watcher.ExpectNothingAsync();
        gateway.Advance(1);
        await ExpectAsync(watcher, online: false, "overdue", retain: false);
        await gateway.ConnectAsync("dev");
        await ExpectAsync(watcher, online: true, "connected", retain: false);
    }

    // It stayed, told an ordinary birth, and lost its power: it was shown as asleep until the sleep of before would have been over.
    [TestMethod]
    public async Task Device_SaidThatItSleepsAndStays_LostWhenItIsLost()
    {
        await using TestBroker gateway = Start();
        TestClient watcher = await gateway.ConnectAsync("");
        await watcher.SubscribeAsync(Topic, QoS.AtLeastOnce);
        TestClient device = await gateway.ConnectAsync("dev");
        await ExpectAsync(watcher, online: true, "connected", retain: false);
        await device.PublishAsync("dm/dev/info", """{"id":"dev","b":1,"up":1,"sleepFor":28800}""", QoS.AtLeastOnce, retain: true);
        await device.PublishAsync("dm/dev/info", """{"id":"dev","b":1,"up":2000}""", QoS.AtLeastOnce, retain: true);

        await device.ResetAsync();

        await ExpectAsync(watcher, online: false, "lost", retain: false);
        gateway.Advance(28_830 + 3_600);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task PresenceGraceSeconds_BackInTime_WasNeverAway(bool isBack)
    {
        await using TestBroker gateway = Start(new GroupPolicy { Match = "dev", PresenceGraceSeconds = 20 });
        TestClient watcher = await gateway.ConnectAsync("");
        await watcher.SubscribeAsync(Topic, QoS.AtLeastOnce);
        TestClient device = await gateway.ConnectAsync("dev");
        await ExpectAsync(watcher, online: true, "connected", retain: false);
        await device.ResetAsync();
        gateway.Advance(19);
        await watcher.ExpectNothingAsync();

        if (isBack)
        {
            await gateway.ConnectAsync("dev");
            await ExpectAsync(watcher, online: true, "connected", retain: false);
            gateway.Advance(30);
            await watcher.ExpectNothingAsync();
        }
        else
        {
            gateway.Advance(1);
            await ExpectAsync(watcher, online: false, "lost", retain: false);
        }
    }

    [TestMethod]
    public async Task PresenceGraceSeconds_ClientSaysDisconnect_AwayAtOnce()
    {
        await using TestBroker gateway = Start(new GroupPolicy { Match = "dev", PresenceGraceSeconds = 20 });
        TestClient watcher = await gateway.ConnectAsync("");
        await watcher.SubscribeAsync(Topic, QoS.AtLeastOnce);
        TestClient device = await gateway.ConnectAsync("dev");
        await ExpectAsync(watcher, online: true, "connected", retain: false);

        await device.DisconnectAsync();

        await ExpectAsync(watcher, online: false, "disconnected", retain: false);
    }

    [TestMethod]
    public async Task ClientThatIsNoDevice_ForgottenWhenItIsGone()
    {
        await using TestBroker gateway = TestBroker.Start(null, ground => ground.Access = new EverybodyIs(ClientRole.Operator));
        for (int i = 0; i < 3; i++)
            await (await gateway.ConnectAsync($"tool-{i}")).DisconnectAsync();

        Assert.IsEmpty(gateway.Look(b => b.Presence.Clients));
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Events_SwitchedOn_AlibabasForm(bool isOn)
    {
        await using TestBroker gateway = TestBroker.Start(null, ground => ground.Presence.Events = isOn);
        TestClient watcher = await gateway.ConnectAsync("");
        await watcher.SubscribeAsync("$gw/event/GID_a", QoS.AtLeastOnce);
        TestClient polite = await gateway.ConnectAsync("GID_a@@@kitchen");
        await polite.DisconnectAsync();
        TestClient other = await gateway.ConnectAsync("GID_b@@@kitchen");
        await other.DropAsync();
        TestClient rude = await gateway.ConnectAsync("GID_a@@@kitchen");
        await rude.DropAsync();
        if (!isOn)
        {
            await watcher.ExpectNothingAsync();
            return;
        }

        foreach (string expected in (string[])["connect", "disconnect", "tcpclean", "connect", "tcpclean"])
        {
            using JsonDocument told = JsonDocument.Parse((await watcher.ReceivePublishAndAckAsync()).PayloadBytes);
            Assert.AreEqual(expected, told.RootElement.GetProperty("eventType").GetString());
            Assert.AreEqual("GID_a@@@kitchen", told.RootElement.GetProperty("clientId").GetString());
            Assert.AreEqual(gateway.Time.GetUtcNow().ToUnixTimeMilliseconds(), told.RootElement.GetProperty("time").GetInt64());
        }
    }

    private static TestBroker Start(params IReadOnlyList<GroupPolicy> policies) =>
        TestBroker.Start(null, ground => ground.Access = new EverybodyIs(ClientRole.Device), policies);

    private static async Task<long> ExpectAsync(TestClient watcher, bool online, string reason, bool retain)
    {
        ReceivedPublish told = await watcher.ReceivePublishAndAckAsync();
        Assert.AreEqual((Topic, retain), (told.Topic, told.Retain));
        using JsonDocument document = JsonDocument.Parse(told.PayloadBytes);
        Assert.AreEqual((online, reason), (document.RootElement.GetProperty("online").GetBoolean(), document.RootElement.GetProperty("reason").GetString()));
        Assert.IsTrue(document.RootElement.TryGetProperty("since", out _));
        return document.RootElement.GetProperty("conn").GetInt64();
    }
}
