using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>Commands for devices of gateways below: what their senders are told, filters for all devices at once, a role that is lost and comes back.</summary>
[TestClass]
internal sealed class GatewaysBelowTests
{
    private const string Command = """{"id":"k7","cmd":"relay.set","from":"app"}""";

    [TestMethod]
    public async Task GatewayBelowIsAway_QoS0_AbsentIsTold()
    {
        await using TestBroker gateway = Start(new Roles());
        TestClient below = await BridgeAsync(gateway);
        await below.SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce);
        await below.DropAsync();
        TestClient app = await ListenerAsync(gateway);

        await app.PublishAsync("dm/p2p/dev1", Command);

        Assert.AreEqual("""{"st":"dropped","to":"dev1","id":"k7","why":"absent"}""", (await app.ReceivePublishAsync()).Payload);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.P2PTargetAbsent));
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce), DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task LargerThanTheGatewayBelowTakes_LargeIsTold_OwedCountZero(QoS qos)
    {
        await using TestBroker gateway = Start(new Roles());
        TestClient below = await BridgeAsync(gateway, packetBytesMax: 100);
        await below.SubscribeAsync("+/p2p/dev1", QoS.ExactlyOnce);
        TestClient app = await ListenerAsync(gateway);
        string large = Command.Replace("}", $",\"args\":{{\"x\":\"{new string('x', 200)}\"}}}}", StringComparison.Ordinal);

        ushort packetId = await app.SendPublishAsync("dm/p2p/dev1", large, qos);

        Assert.AreEqual("""{"st":"dropped","to":"dev1","id":"k7","why":"large"}""", (await app.ReceivePublishAsync()).Payload);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.LargerThanClientAccepts));
        Assert.AreEqual(0, gateway.Look(static s => s.Receipts.OwedCount));
        if (qos != QoS.AtMostOnce)
            await app.ExpectAckAsync(qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, packetId);
    }

    [TestMethod]
    public async Task SUBSCRIBE_AllOfTheGateway_CommandGoesBelow()
    {
        await using TestBroker gateway = Start(new Roles());
        TestClient below = await BridgeAsync(gateway);
        Assert.AreEqual(ReasonCode.GrantedQoS1, await below.SubscribeAsync("below/p2p/+", QoS.AtLeastOnce));
        TestClient app = await gateway.ConnectAsync("app");

        await app.PublishAsync("below/p2p/dev1", "command", QoS.AtLeastOnce);

        Assert.AreEqual("below/p2p/dev1", (await below.ReceivePublishAndAckAsync()).Topic);
        Assert.AreEqual(0, gateway.Look(static s => s.GatewaysBelow.Count), "it is no device called +");
    }

    [TestMethod]
    [DataRow("+/p2p/+"), DataRow("other/p2p/+"), DataRow("$share/g/+/p2p/+")]
    public async Task SUBSCRIBE_AllOfAllGateways_Refused(string filter)
    {
        await using TestBroker gateway = Start(new Roles());
        TestClient below = await BridgeAsync(gateway);

        Assert.AreEqual(ReasonCode.NotAuthorized, await below.SubscribeAsync(filter, QoS.AtLeastOnce));
    }

    [TestMethod]
    public async Task SUBSCRIBE_SharedFilterForADevice_CommandGoesBelow()
    {
        await using TestBroker gateway = Start(new Roles());
        TestClient below = await BridgeAsync(gateway);
        await below.SubscribeAsync("$share/g/+/p2p/dev1", QoS.AtLeastOnce);
        TestClient app = await gateway.ConnectAsync("app");

        await app.PublishAsync("dm/p2p/dev1", "command", QoS.AtLeastOnce);

        Assert.AreEqual("command", (await below.ReceivePublishAndAckAsync()).Payload);
    }

    // A slip in the settings, and a reload: the gateway below knows that it has subscribed, and does not do so again.
    [TestMethod]
    public async Task Bridge_LosesItsRoleAndGetsItBack_CommandsForItsDevicesArrive()
    {
        Roles roles = new();
        await using TestBroker gateway = Start(roles);
        TestClient below = await BridgeAsync(gateway);
        await below.SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce);
        await below.DropAsync();
        roles.OfBelow = ClientRole.Device;
        await (await BridgeAsync(gateway)).DropAsync();
        Assert.IsNull(gateway.Look(static s => s.GatewaysBelow.Find("dev1")));
        roles.OfBelow = ClientRole.Bridge;
        below = await BridgeAsync(gateway);
        TestClient app = await gateway.ConnectAsync("app");

        await app.PublishAsync("dm/p2p/dev1", "command", QoS.AtLeastOnce);

        Assert.AreEqual("command", (await below.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Bridge_SomeOfItsSubscriptionsAreEnded_ToldThatThereIsNoSession()
    {
        Roles roles = new();
        await using TestBroker gateway = Start(roles);
        TestClient below = await BridgeAsync(gateway);
        await below.SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce);
        await below.DropAsync();
        roles.Rights = new TestRights { Subscribe = static filter => filter != "+/p2p/dev1" };

        ConnAckPacket fewer = await ConnectAsync(gateway.Open(ProtocolVersion.V5));
        roles.Rights = null;
        ConnAckPacket again = await ConnectAsync(gateway.Open(ProtocolVersion.V5));

        Assert.IsFalse(fewer.SessionPresent, "it would not ask again for what it believes to have");
        Assert.IsTrue(again.SessionPresent);
    }

    private static TestBroker Start(Roles roles) => TestBroker.Start(limits: null, ground => ground.Access = roles);

    private static async Task<TestClient> BridgeAsync(TestBroker gateway, uint? packetBytesMax = null)
    {
        TestClient below = gateway.Open(ProtocolVersion.V5);
        Assert.AreEqual(0, (await ConnectAsync(below, packetBytesMax)).Code);
        return below;
    }

    private static Task<ConnAckPacket> ConnectAsync(TestClient below, uint? packetBytesMax = null) =>
        below.ConnectAsync("below", clean: false, properties: new ConnectProperties { SessionExpirySeconds = 3600, MaximumPacketSize = packetBytesMax, UserProperties = [BridgeMark.Property] });

    private static async Task<TestClient> ListenerAsync(TestBroker gateway)
    {
        TestClient app = await gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/receipt/app");
        return app;
    }

    private sealed class Roles : IAccessRules
    {
        public ClientRole OfBelow { get; set; } = ClientRole.Bridge;

        public TestRights? Rights { get; set; }

        public Admission Admit(ConnectPacket connect, EndPoint? remote) => connect.ClientId == "below" ? new(OfBelow) { Rights = Rights } : new(ClientRole.Operator);
    }
}
