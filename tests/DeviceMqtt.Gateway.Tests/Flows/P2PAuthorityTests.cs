using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Flows;

/// <summary>To publish to a P2P topic is the right to command (DESIGN: P2P rule 8): operators have it, devices answer.</summary>
[TestClass]
internal sealed class P2PAuthorityTests
{
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("192.0.2.7"), 40_000);

    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task P2P_DeviceToDevice_V5NotAuthorized(QoS qos)
    {
        await using TestGateway gateway = Start();
        TestClient target = await ConnectAsync(gateway, "dev-b", "dev");
        TestClient sender = await ConnectAsync(gateway, "dev-a", "dev", ProtocolVersion.V5);

        Assert.AreEqual(ReasonCode.NotAuthorized, await sender.PublishAsync("dm/p2p/dev-b", "open", qos));

        await target.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.P2PNotAllowed));
    }

    [TestMethod]
    public async Task P2P_DeviceToDevice_V311AcknowledgedDroppedAndLogged()
    {
        await using TestGateway gateway = Start();
        TestClient target = await ConnectAsync(gateway, "dev-b", "dev");
        TestClient sender = await ConnectAsync(gateway, "dev-a", "dev");

        for (int i = 0; i < 30; i++)
            await sender.PublishAsync("dm/p2p/dev-b", "open", QoS.AtLeastOnce);

        await target.ExpectNothingAsync();
        Assert.AreEqual(30, gateway.Counters.Dropped(DropReason.P2PNotAllowed));
        Assert.AreEqual(1, gateway.Log.Lines.Count(l => l.StartsWith("Warning 120: client 'dev-a': a message of 4 bytes on 'dm/p2p/dev-b' is dropped, P2PNotAllowed", StringComparison.Ordinal)), "lines in one minute");
    }

    [TestMethod]
    public async Task P2P_DeviceToAbsentDevice_NotAuthorized()
    {
        await using TestGateway gateway = Start();
        await (await ConnectAsync(gateway, "dev-b", "dev")).DropAsync();
        TestClient sender = await ConnectAsync(gateway, "dev-a", "dev", ProtocolVersion.V5);

        Assert.AreEqual(ReasonCode.NotAuthorized, await sender.PublishAsync("dm/p2p/dev-b", "open", QoS.AtLeastOnce));
    }

    [TestMethod]
    public async Task P2P_OperatorCommandsAndDeviceAnswers_BothArrive()
    {
        await using TestGateway gateway = Start();
        TestClient device = await ConnectAsync(gateway, "dev-a", "dev");
        TestClient app = await ConnectAsync(gateway, "app", "ops");

        await app.PublishAsync("dm/p2p/dev-a", "open", QoS.AtLeastOnce);
        Assert.AreEqual("open", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.PublishAsync("dm/p2p/app", "opened", QoS.AtLeastOnce);

        Assert.AreEqual("opened", (await app.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task P2P_AnswerToAnOperatorThatIsAway_WaitsForIt()
    {
        await using TestGateway gateway = Start();
        await (await ConnectAsync(gateway, "app", "ops")).DropAsync();
        TestClient device = await ConnectAsync(gateway, "dev-a", "dev");

        await device.PublishAsync("dm/p2p/app", "opened", QoS.AtLeastOnce);

        TestClient app = await ConnectAsync(gateway, "app", "ops");
        Assert.AreEqual("opened", (await app.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task P2P_DeviceToItself_Delivered()
    {
        await using TestGateway gateway = Start();
        TestClient device = await ConnectAsync(gateway, "dev-a", "dev");

        await device.SendPublishAsync("dm/p2p/dev-a", "note");

        Assert.AreEqual("note", (await device.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task P2P_FromTheCommandLine_MayCommand()
    {
        await using TestGateway gateway = Start();
        TestClient device = await ConnectAsync(gateway, "dev-a", "dev");
        TestClient local = gateway.Open(ProtocolVersion.V5, LocalEndPoint.Instance);
        await local.ConnectAsync("local");

        Assert.AreEqual(ReasonCode.Success, await local.PublishAsync("dm/p2p/dev-a", "open", QoS.AtLeastOnce));
        Assert.AreEqual("open", (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task P2P_AnonymousFromElsewhere_IsADevice()
    {
        await using TestGateway gateway = TestGateway.Start(security: s => s.AllowAnonymous = true);
        TestClient target = gateway.Open(remote: Elsewhere);
        await target.ConnectAsync("dev-b");
        TestClient sender = gateway.Open(ProtocolVersion.V5, Elsewhere);
        await sender.ConnectAsync("dev-a");

        Assert.AreEqual(ReasonCode.NotAuthorized, await sender.PublishAsync("dm/p2p/dev-b", "open", QoS.AtLeastOnce));
    }

    [TestMethod]
    public async Task CONNECT_WillThatCommandsADevice_Refused()
    {
        await using TestGateway gateway = Start();
        await ConnectAsync(gateway, "dev-b", "dev");
        TestClient sender = gateway.Open(remote: Elsewhere);

        ConnAckPacket refused = await sender.ConnectAsync("dev-a", will: new WillMessage { Topic = "dm/p2p/dev-b", Payload = "open"u8.ToArray() }, userName: "dev", password: "pw");

        Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, refused.Code);
        await sender.ExpectCloseAsync(CloseReason.NotAuthorized);
    }

    [TestMethod]
    [DataRow("dev"), DataRow("ops")]
    public async Task CONNECT_BridgeBitWithoutTheRole_IsAnOrdinaryClientAndLogged(string user)
    {
        await using TestGateway gateway = Start();
        await (await ConnectAsync(gateway, "dev-b", "dev")).DropAsync();
        TestClient thief = await ConnectBridgeAsync(gateway, user);

        Assert.AreEqual(ReasonCode.UnspecifiedError, await thief.SubscribeAsync("+/p2p/dev-b", QoS.AtLeastOnce));
        TestClient app = await ConnectAsync(gateway, "app", "ops");
        await app.PublishAsync("dm/p2p/dev-b", "open", QoS.AtLeastOnce);

        await thief.ExpectNothingAsync();
        Assert.IsTrue(gateway.Log.Lines.Any(l => l.StartsWith($"Warning 108: client 'gw-{user}' (user '{user}', {Elsewhere}) connects as a bridge", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task CONNECT_BridgeBitWithTheRole_GetsWhatIsForItsDevices()
    {
        await using TestGateway gateway = Start();
        TestClient bridge = await ConnectBridgeAsync(gateway, "gw");
        Assert.AreEqual(ReasonCode.GrantedQoS1, await bridge.SubscribeAsync("+/p2p/dev-b", QoS.AtLeastOnce));
        TestClient app = await ConnectAsync(gateway, "app", "ops");

        await app.PublishAsync("dm/p2p/dev-b", "open", QoS.AtLeastOnce);

        Assert.AreEqual("open", (await bridge.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public void Setting_RoleOfAUserThatIsNone_Named() =>
        Assert.StartsWith("Security:Roles:nobody ", new SecurityOptions { Roles = { ["nobody"] = "operator" } }.Check()!, StringComparison.Ordinal);

    private static TestGateway Start() => TestGateway.Start(security: s =>
    {
        foreach (string user in new[] { "dev", "ops", "gw" })
            s.Users[user] = "pw";
        s.Roles["ops"] = "operator";
        s.Roles["gw"] = "bridge";
        s.ClientIds["dev"] = ["dev-*", "gw-dev"];
    });

    private static async Task<TestClient> ConnectAsync(TestGateway gateway, string clientId, string user, ProtocolVersion version = ProtocolVersion.V311)
    {
        TestClient client = gateway.Open(version, Elsewhere);
        Assert.AreEqual(0, (await client.ConnectAsync(clientId, userName: user, password: "pw")).Code);
        return client;
    }

    private static async Task<TestClient> ConnectBridgeAsync(TestGateway gateway, string user)
    {
        TestClient client = gateway.Open(remote: Elsewhere);
        await client.SendAsync(new ConnectPacket { ClientId = $"gw-{user}", CleanStart = true, IsBridge = true, UserName = user, Password = "pw"u8.ToArray() }.Write);
        Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
        return client;
    }
}
