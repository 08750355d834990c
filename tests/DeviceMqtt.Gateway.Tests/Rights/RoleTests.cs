using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Rights;

/// <summary>What each role may, over the whole gateway.</summary>
[TestClass]
internal sealed class RoleTests
{
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("192.0.2.7"), 40_000);

    [TestMethod]
    [DataRow("dm/kitchen/tele/climate", true)]
    [DataRow("dm/kitchen/info", true)]
    [DataRow("presence/GID_home@@@kitchen", true)]
    [DataRow("dm/p2p/app", true, DisplayName = "answers")]
    [DataRow("dm/cellar/tele/climate", false)]
    [DataRow("presence/GID_home@@@cellar", false)]
    [DataRow("presence/kitchen", false)]
    [DataRow("dm/kitchen2/info", false)]
    [DataRow("anything", false)]
    public async Task Device_Publishes_OnlyItsOwn(string topic, bool may)
    {
        await using TestGateway gateway = Start();
        _ = await ConnectAsync(gateway, "app", "ops");
        TestClient device = await ConnectAsync(gateway, "GID_home@@@kitchen", "kitchen");
        ReasonCode code = await device.PublishAsync(topic, "x", QoS.AtLeastOnce);
        Assert.AreEqual(may, code < ReasonCode.UnspecifiedError, $"{code}");
        Assert.AreEqual(may ? 0 : 1, gateway.Counters.Dropped(DropReason.NotAllowed));
    }

    [TestMethod]
    [DataRow("dm/kitchen/#", true)]
    [DataRow("$share/g/dm/kitchen/#", true)]
    [DataRow("$gw/receipt/GID_home@@@kitchen", true)]
    [DataRow("dm/p2p/GID_home@@@kitchen", true)]
    [DataRow("#", false)]
    [DataRow("dm/+/tele/#", false)]
    [DataRow("$share/g/#", false)]
    [DataRow("$SYS/#", false)]
    [DataRow("dm/cellar/#", false)]
    public async Task Device_Subscribes_OnlyToItsOwn(string filter, bool may)
    {
        await using TestGateway gateway = Start();
        TestClient device = await ConnectAsync(gateway, "GID_home@@@kitchen", "kitchen");
        Assert.AreEqual(may ? ReasonCode.Success : ReasonCode.NotAuthorized, await device.SubscribeAsync(filter));
    }

    [TestMethod]
    public async Task Monitor_ReadsEverythingAndPublishesNothing()
    {
        await using TestGateway gateway = Start();
        TestClient device = await ConnectAsync(gateway, "GID_home@@@kitchen", "kitchen");
        TestClient monitor = await ConnectAsync(gateway, "panel", "mon");
        Assert.AreEqual(ReasonCode.NotAuthorized, await monitor.PublishAsync("dm/p2p/GID_home@@@kitchen", "open", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.NotAuthorized, await monitor.PublishAsync("x", "", QoS.AtLeastOnce));
        foreach (string filter in new[] { "#", "$SYS/#", "$gw/presence/#" })
            Assert.AreEqual(ReasonCode.Success, await monitor.SubscribeAsync(filter, retainHandling: RetainHandling.DoNotSend));
        await device.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task OwnRole_DoesWhatItsRulesSay()
    {
        await using TestGateway gateway = Start(s =>
        {
            s.Rights["heating"] = new RoleRights { Publish = ["heating/%u/#", "+/p2p/+"], Subscribe = ["heating/#"], Commands = true };
            (s.Users["boiler"], s.Roles["boiler"]) = ("pw", "heating");
        });
        TestClient device = await ConnectAsync(gateway, "GID_home@@@kitchen", "kitchen");
        TestClient boiler = await ConnectAsync(gateway, "any", "boiler");
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await boiler.PublishAsync("heating/boiler/set", "1", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.NotAuthorized, await boiler.PublishAsync("heating/other/set", "1", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.Success, await boiler.SubscribeAsync("heating/other/+"));
        Assert.AreEqual(ReasonCode.Success, await boiler.PublishAsync("dm/p2p/GID_home@@@kitchen", "open", QoS.AtLeastOnce));
        Assert.AreEqual("open", (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    [DataRow("kitchen", "kitchen", true)]
    [DataRow("kitchen", "GID_any@@@kitchen", true)]
    [DataRow("kitchen", "cellar", false)]
    [DataRow("kitchen", "GID_home@@@cellar", false)]
    [DataRow("kitchen", "kitchen/x", false)]
    [DataRow("ops", "anything", true)]
    [DataRow("ops", "kitchen", false, DisplayName = "the identifier of a device is its own")]
    [DataRow("mon", "GID_home@@@kitchen", false)]
    public async Task Credential_ConnectsWithItsClientIdentifiers(string user, string clientId, bool may)
    {
        await using TestGateway gateway = Start();
        TestClient client = gateway.Open(ProtocolVersion.V5, Elsewhere);
        Assert.AreEqual(may ? (byte)0 : (byte)ReasonCode.NotAuthorized, (await client.ConnectAsync(clientId, userName: user, password: "pw")).Code);
        if (!may)
            await client.ExpectCloseAsync(CloseReason.NotAuthorized);
    }

    [TestMethod]
    public async Task Settings_Changed_ClientsThatLostTheirRightAreDisconnectedAndNoOthers()
    {
        await using TestGateway gateway = Start();
        gateway.Advance(1);
        TestClient kitchen = await ConnectAsync(gateway, "kitchen", "kitchen");
        TestClient ops = await ConnectAsync(gateway, "app", "ops");
        SecurityOptions others = Options();
        others.Roles["kitchen"] = "monitor";
        gateway.Directory.Use(others);
        gateway.Advance(1);
        await kitchen.ExpectCloseAsync(CloseReason.RightsChanged, ReasonCode.AdministrativeAction);
        await ops.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow("home/%x", "after % must come")]
    [DataRow("home/%", "after % must come")]
    [DataRow("home/#/x", "")]
    [DataRow("", "")]
    [DataRow("$share/g/x", "a rule is about topics")]
    public void Rule_Wrong_NamedWithItsPlace(string rule, string why)
    {
        string? wrong = new SecurityOptions { Rights = { ["own"] = new RoleRights { Publish = ["ok", rule] } } }.Check();
        StringAssert.StartsWith(wrong, $"Security:Rights:own:Publish:1 is '{rule}': {why}", StringComparison.Ordinal);
    }

    private static SecurityOptions Options()
    {
        SecurityOptions options = new();
        foreach ((string user, string role) in new[] { ("kitchen", "device"), ("cellar", "device"), ("ops", "operator"), ("mon", "Monitor") })
            (options.Users[user], options.Roles[user]) = ("pw", role);
        return options;
    }

    private static TestGateway Start(Action<SecurityOptions>? more = null) => TestGateway.Start(security: s =>
    {
        SecurityOptions options = Options();
        (s.Users, s.Roles) = (options.Users, options.Roles);
        more?.Invoke(s);
    });

    private static async Task<TestClient> ConnectAsync(TestGateway gateway, string clientId, string user)
    {
        TestClient client = gateway.Open(ProtocolVersion.V5, Elsewhere);
        Assert.AreEqual(0, (await client.ConnectAsync(clientId, userName: user, password: "pw")).Code);
        return client;
    }
}
