using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Rights;

/// <summary>Classes of faults that brokers have had, each by its name, shown not to be one of this gateway's.</summary>
[TestClass]
internal sealed class KnownBugClassTests
{
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("192.0.2.7"), 40_000);

    // mosquitto, CVE-2017-7650: a user or client called # or + had all that a pattern named.
    [TestMethod]
    [DataRow("+"), DataRow("#"), DataRow("x/y"), DataRow("$SYS"), DataRow("p2p"), DataRow("")]
    public void WildcardInAName_InsideARule_TheRuleDoesNotHold(string name)
    {
        ClientRights rights = new(new RoleRights { Publish = ["own/%u/#", "%c/#"], Subscribe = ["own/%u/#"] }, new ClientNames(name, name), static _ => true);
        foreach (string topic in new[] { "own/x/t", $"own/{name}/t", "x/t", $"{name}/t", "$SYS/broker" })
            Assert.IsFalse(rights.MayPublish(topic) || rights.MayReceive(topic), topic);
        Assert.IsFalse(rights.MaySubscribe("own/+/t"));
    }

    // CVE-2018-12546, CVE-2018-12551 and others: the Will is published without a look at the rights.
    [TestMethod]
    public async Task WillWithoutWriteCheck_RefusedAtCONNECTAndLookedAtAgainWhenItGoesOut()
    {
        await using TestGateway gateway = Start();
        TestClient refused = gateway.Open(remote: Elsewhere);
        Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, (await refused.ConnectAsync("kitchen", will: Will("presence/cellar"), userName: "kitchen", password: "pw")).Code);

        gateway.Advance(1);
        TestClient watcher = await ConnectAsync(gateway, "app", "ops");
        await watcher.SubscribeAsync("#");
        TestClient kitchen = gateway.Open(remote: Elsewhere);
        Assert.AreEqual(0, (await kitchen.ConnectAsync("kitchen", will: Will("dm/kitchen/evt/gone"), userName: "kitchen", password: "pw")).Code);
        SecurityOptions others = Options();
        others.Roles["kitchen"] = "monitor";
        gateway.Directory.Use(others);
        gateway.Advance(1);
        await kitchen.ExpectCloseAsync(CloseReason.RightsChanged);
        await watcher.ExpectNothingAsync();
    }

    // A user that is removed still says that it is gone, and nothing else.
    [TestMethod]
    [DataRow("presence/kitchen", true), DataRow("dm/kitchen/evt/x", false)]
    public async Task WillOfARemovedUser_OnlyThatItIsGone(string topic, bool isPublished)
    {
        await using TestGateway gateway = Start();
        gateway.Advance(1);
        TestClient watcher = await ConnectAsync(gateway, "app", "ops");
        await watcher.SubscribeAsync("#");
        TestClient kitchen = gateway.Open(remote: Elsewhere);
        await kitchen.ConnectAsync("kitchen", will: Will(topic), userName: "kitchen", password: "pw");
        SecurityOptions others = Options();
        others.Users.Remove("kitchen");
        gateway.Directory.Use(others);
        gateway.Advance(1);
        await kitchen.ExpectCloseAsync(CloseReason.RightsChanged);
        if (isPublished)
            Assert.AreEqual(topic, (await watcher.ReceivePublishAsync()).Topic);
        await watcher.ExpectNothingAsync();
    }

    // A filter that begins like what is allowed, or is the same text but for a wildcard.
    [TestMethod]
    [DataRow("dm/kitchen"), DataRow("dm/kitchen/tele/+")]
    public async Task SubscribeComparedAsText_ContainedFiltersGranted(string filter)
    {
        await using TestGateway gateway = Start();
        Assert.AreEqual(ReasonCode.Success, await (await ConnectAsync(gateway, "kitchen", "kitchen")).SubscribeAsync(filter));
    }

    [TestMethod]
    [DataRow("dm/+"), DataRow("dm/#"), DataRow("dm/kitchen2/#"), DataRow("+/kitchen/#"), DataRow("dm/+/tele"), DataRow("$share/x/dm/#")]
    public async Task SubscribeComparedAsText_WiderFiltersRefused(string filter)
    {
        await using TestGateway gateway = Start();
        Assert.AreEqual(ReasonCode.NotAuthorized, await (await ConnectAsync(gateway, "kitchen", "kitchen")).SubscribeAsync(filter));
    }

    // What waited is handed over without another look.
    [TestMethod]
    public async Task ReplayNotCheckedAgain_WhatWaitedIsDroppedWhenTheRightIsGone()
    {
        await using TestGateway gateway = Start();
        TestClient monitor = gateway.Open(remote: Elsewhere);
        await monitor.ConnectAsync("panel", clean: false, userName: "mon", password: "pw");
        await monitor.SubscribeAsync("#", QoS.AtLeastOnce);
        await monitor.DropAsync();
        await (await ConnectAsync(gateway, "app", "ops")).PublishAsync("secret", "x", QoS.AtLeastOnce);
        SecurityOptions others = Options();
        (others.Roles["mon"], others.ClientIds["mon"]) = ("device", ["panel"]);
        gateway.Directory.Use(others);
        TestClient again = gateway.Open(remote: Elsewhere);
        Assert.AreEqual(0, (await again.ConnectAsync("panel", clean: false, userName: "mon", password: "pw")).Code);
        await again.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.NotAllowed));
    }

    // What cannot be read lets everybody in, or everybody do everything.
    [TestMethod]
    public void FailOpen_ARoleThatNobodyKnows_LetsNobodyIn()
    {
        UserTable users = new(new SecurityOptions(), new Dictionary<string, UserEntry> { ["ann"] = new() { Password = "pw", Role = "gone" } }, new Dictionary<string, RoleRights>(), isSure: true);
        Assert.IsNull(users.FindRole("gone"));
        Assert.IsNull(users.StampOf("ann"));
        Assert.IsTrue(new UserTable(new SecurityOptions(), new Dictionary<string, UserEntry>(), new Dictionary<string, RoleRights>(), isSure: false).MayHaveUsers, "users that cannot be read");
    }

    // Two clients with one identifier, of two users.
    [TestMethod]
    public async Task StolenSession_AnotherUserNeverGetsIt()
    {
        await using TestGateway gateway = Start();
        TestClient app = gateway.Open(remote: Elsewhere);
        await app.ConnectAsync("shared", clean: false, userName: "ops", password: "pw");
        TestClient thief = gateway.Open(remote: Elsewhere);
        Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, (await thief.ConnectAsync("shared", clean: false, userName: "mon", password: "pw")).Code);
        await app.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow("$SYS/broker/version"), DataRow("$gw/presence/kitchen"), DataRow("$gw/receipt/app"), DataRow("$gw/relay/aside")]
    public async Task GatewaysOwnTopics_PublishedByAClient_Refused(string topic)
    {
        await using TestGateway gateway = Start();
        foreach (string user in new[] { "ops", "mon", "kitchen" })
            Assert.AreEqual(ReasonCode.NotAuthorized, await (await ConnectAsync(gateway, user, user)).PublishAsync(topic, "forged", QoS.AtLeastOnce, retain: true));
        Assert.AreEqual(0, gateway.Look(static b => b.Retained.Count));
    }

    // A log that says what a client wants it to say.
    [TestMethod]
    [DataRow("a\r\nfatal Gateway: gone", DisplayName = "line breaks")]
    [DataRow("\u001b[2J\u001b]0;x\u0007", DisplayName = "ANSI")]
    [DataRow("\u202egnp.exe", DisplayName = "right to left")]
    [DataRow("ad\u200bmin", DisplayName = "zero width")]
    [DataRow("ad\u2060min\ufeff", DisplayName = "joiners")]
    [DataRow("a\u2028b", DisplayName = "line separator")]
    [DataRow("a\U000e0041", DisplayName = "tags beyond the first plane")]
    public void LogInjection_Name_IsShownAsWhatItIs(string name)
    {
        string shown = SafeText.Of(name);
        Assert.AreNotEqual(name, shown);
        foreach (System.Text.Rune rune in shown.EnumerateRunes())
            Assert.IsFalse(System.Text.Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator, shown);
        StringAssert.Contains(shown, "\\u", StringComparison.Ordinal);
        Assert.AreEqual("a\\ud800b", SafeText.Of("a" + (char)0xD800 + "b"), "half of a character");
        Assert.AreEqual("Küche 厨房 😀", SafeText.Of("Küche 厨房 😀"));
    }

    // 65,535 bytes and a little more, in a packet with two bytes for a length.
    [TestMethod]
    public async Task LengthsOf16Bits_ReasonStringAboutTheLongestFilter_TheClientIsAnsweredAndStays()
    {
        await using TestGateway gateway = Start();
        TestClient client = await ConnectAsync(gateway, "kitchen", "kitchen");
        Assert.AreEqual(ReasonCode.NotAuthorized, await client.SubscribeAsync("x/" + new string('y', ushort.MaxValue - 2)));
        Assert.AreEqual(ReasonCode.NotAuthorized, await client.PublishAsync("x/" + new string('y', ushort.MaxValue - 2), "", QoS.AtLeastOnce));
        await client.ExpectNothingAsync();
    }

    private static SecurityOptions Options()
    {
        SecurityOptions options = new();
        foreach ((string user, string role) in new[] { ("kitchen", "device"), ("ops", "operator"), ("mon", "monitor") })
            (options.Users[user], options.Roles[user]) = ("pw", role);
        return options;
    }

    private static TestGateway Start() => TestGateway.Start(security: s => (s.Users, s.Roles) = (Options().Users, Options().Roles));

    private static async Task<TestClient> ConnectAsync(TestGateway gateway, string clientId, string user)
    {
        TestClient client = gateway.Open(ProtocolVersion.V5, Elsewhere);
        Assert.AreEqual(0, (await client.ConnectAsync(clientId, userName: user, password: "pw")).Code);
        return client;
    }

    private static WillMessage Will(string topic) => new() { Topic = topic, Payload = "w"u8.ToArray(), QoS = QoS.AtLeastOnce, Properties = new WillProperties() };
}
