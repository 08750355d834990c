using System.Text;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>
/// A board that moves from one gateway below to another, and to this one. The gateway it has left goes on asking for its commands, and tells late that it has left: both once gave commands to
/// nobody until they expired, and showed the board as offline for as long as it was online.
/// </summary>
[TestClass]
internal sealed class RoamingTests
{
    private const string Board = "dev1";
    private const string Filter = "+/p2p/dev1";
    private const string Presence = "presence/dev1";

    [TestMethod]
    public async Task Board_GoesToAnotherGatewayAndBack_CommandGoesWhereItIs()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await WithBoardAsync(gateway, "gw-b");
        await CommandArrivesAsync(gateway, b);

        await TellAsync(a, "false"); // its connection there was still open, and is taken over
        await TellAsync(a, "true");

        await CommandArrivesAsync(gateway, a);
        await b.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Board_ComesBackAndTellsNoPresence_SUBSCRIBESaysThatItIsHere()
    {
        await using TestBroker gateway = Start();
        TestClient a = await BridgeAsync(gateway, "gw-a");
        TestClient b = await BridgeAsync(gateway, "gw-b");
        await SubscribeAsync(a, DeviceMark.Here);
        await SubscribeAsync(b, DeviceMark.Here);
        await CommandArrivesAsync(gateway, b);

        await SubscribeAsync(a, DeviceMark.Here);

        await CommandArrivesAsync(gateway, a);
    }

    [TestMethod]
    public async Task CONNACK_OfAGatewayBelow_SaysThatMarksAreRead()
    {
        await using TestBroker gateway = Start();
        ConnAckPacket bridge = await gateway.Open(ProtocolVersion.V5).ConnectAsync("gw-a", properties: new ConnectProperties { UserProperties = [BridgeMark.Property] });
        ConnAckPacket other = await gateway.Open(ProtocolVersion.V5).ConnectAsync("app");

        Assert.IsTrue(DeviceMark.IsUnderstood(bridge.Properties!));
        Assert.IsFalse(DeviceMark.IsUnderstood(other.Properties!));
    }

    // A fresh process asks for all filters again, also where the Session is present.
    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task GatewayItHasLeft_StartsAnew_CommandStillGoesWhereItIs(bool saysWhatItKnows)
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await WithBoardAsync(gateway, "gw-b");

        await a.DropAsync();
        a = await BridgeAsync(gateway, "gw-a");
        await SubscribeAsync(a, saysWhatItKnows ? DeviceMark.Known : null);

        await CommandArrivesAsync(gateway, b);
        await a.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task GatewayItHasLeft_LosesItsSessionAndAsksForAllItKnows_CommandStillGoesWhereItIs()
    {
        await using TestBroker gateway = Start();
        _ = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await WithBoardAsync(gateway, "gw-b");

        TestClient a = await BridgeAsync(gateway, "gw-a", clean: true);
        await SubscribeAsync(a, DeviceMark.Known);
        await TellAsync(b, "false"); // the board sleeps there

        await CommandArrivesAsync(gateway, b);
    }

    [TestMethod]
    public async Task GatewayThatHasIt_ForgetsTheBoard_CommandGoesToTheOneBefore()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await WithBoardAsync(gateway, "gw-b");

        await b.UnsubscribeAsync(Filter);
        await CommandArrivesAsync(gateway, a);
        await a.UnsubscribeAsync(Filter);

        Assert.AreEqual(0, gateway.Look(static s => s.GatewaysBelow.Count));
    }

    [TestMethod]
    public async Task Board_ComesToTheUpperItself_AndSleeps_CommandWaitsHere()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        await (await gateway.ConnectAsync(Board)).DropAsync();

        await SendAsync(gateway);
        await a.ExpectNothingAsync();
        TestClient board = await gateway.ConnectAsync(Board);
        Assert.AreEqual("command", (await board.ReceivePublishAndAckAsync()).Payload);
        await board.DropAsync();
        await TellAsync(a, "false");
        await TellAsync(a, "true");

        await CommandArrivesAsync(gateway, a);
    }

    [TestMethod]
    public async Task Board_WasHereBefore_GatewayBelowAsksForWhatItKnows_CommandWaitsHere()
    {
        await using TestBroker gateway = Start();
        await (await gateway.ConnectAsync(Board)).DropAsync();
        TestClient a = await BridgeAsync(gateway, "gw-a");
        await SubscribeAsync(a, DeviceMark.Known);

        await SendAsync(gateway);

        await a.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Look(static s => s.Mailboxes.Find(Board)!.Count));
    }

    // ---- Presence

    [TestMethod]
    public async Task LateWordOfTheGatewayItHasLeft_BoardStaysOnline()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await WithBoardAsync(gateway, "gw-b");

        await TellAsync(a, "false");

        IsShown(gateway, "true");
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.DeviceElsewhere));
        await TellAsync(b, "false");
        IsShown(gateway, "false");
    }

    // The connection that holds the Will of the board for the gateway: it ends when that gateway is killed.
    [TestMethod]
    public async Task WillHeldByTheGatewayItHasLeft_BoardStaysOnline()
    {
        await using TestBroker gateway = Start();
        TestClient held = await gateway.ConnectAsync($"gw-a/{Board}", ProtocolVersion.V5, will: new WillMessage { Topic = Presence, Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true });
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await WithBoardAsync(gateway, "gw-b");

        await held.ResetAsync();
        await a.ResetAsync();

        IsShown(gateway, "true");
        await CommandArrivesAsync(gateway, b);
    }

    [TestMethod]
    public async Task WillHeldByTheGatewayThatHasIt_BoardIsShownOffline()
    {
        await using TestBroker gateway = Start();
        TestClient held = await gateway.ConnectAsync($"gw-a/{Board}", ProtocolVersion.V5, will: new WillMessage { Topic = Presence, Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true });
        _ = await WithBoardAsync(gateway, "gw-a");

        await held.ResetAsync();

        IsShown(gateway, "false");
    }

    [TestMethod]
    public async Task WordFromBelow_BoardIsConnectedHere_RetainedStaysTrue()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient board = await gateway.ConnectAsync(Board);
        await TellAsync(board, "true");

        await TellAsync(a, "false");

        IsShown(gateway, "true");
    }

    // It is no word of now: the relay tells once more what it retains when its link is new, and it does not know yet that the board has left.
    [TestMethod]
    public async Task GatewayItHasLeft_TellsTrueOnceMore_NothingChanges()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await WithBoardAsync(gateway, "gw-b");

        await TellAsync(a, "true");
        await CommandArrivesAsync(gateway, b);
        await TellAsync(a, "false");

        IsShown(gateway, "true");
        await CommandArrivesAsync(gateway, b);
    }

    // A board that stays for a moment: what is retained of it goes up when the Will for it is held.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task Board_HasLeftBeforeItsFirstWordIsTold_CommandGoesWhereItIs(bool saysThatItIsHere)
    {
        await using TestBroker gateway = Start();
        TestClient a = await BridgeAsync(gateway, "gw-a");
        TestClient b = await BridgeAsync(gateway, "gw-b");
        await SubscribeAsync(a, saysThatItIsHere ? DeviceMark.Here : null);
        await SubscribeAsync(b, saysThatItIsHere ? DeviceMark.Here : null);
        await TellAsync(b, "true");

        await TellAsync(a, "true");
        await CommandArrivesAsync(gateway, b);
        await TellAsync(a, "false");

        IsShown(gateway, "true");
    }

    [TestMethod]
    public async Task BacklogOfTheGatewayItHasLeft_OldWordsWithoutRETAIN_NothingChanges()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await WithBoardAsync(gateway, "gw-b");

        await a.PublishAsync(Presence, "false", QoS.AtLeastOnce);
        await a.PublishAsync(Presence, "true", QoS.AtLeastOnce);
        await TellAsync(a, "false");

        IsShown(gateway, "true");
        await CommandArrivesAsync(gateway, b);
    }

    // The Will of the board's own connection here, which was open still when it came to a gateway below.
    [TestMethod]
    public async Task Board_GoesToAGatewayBelow_ItsWillHereDoesNotCount()
    {
        await using TestBroker gateway = Start();
        TestClient a = await BridgeAsync(gateway, "gw-a");
        TestClient board = await gateway.ConnectAsync(Board, will: new WillMessage { Topic = Presence, Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true });
        await TellAsync(board, "true");
        await SubscribeAsync(a, DeviceMark.Here);
        await TellAsync(a, "true");

        await board.ResetAsync();

        IsShown(gateway, "true");
        await CommandArrivesAsync(gateway, a);
    }

    [TestMethod]
    public async Task QoS2_WordOfTheGatewayItHasLeft_ComesAgain_RetainedStaysTrue()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        _ = await WithBoardAsync(gateway, "gw-b");

        ushort packetId = await a.SendPublishAsync(Presence, "false", QoS.ExactlyOnce, retain: true);
        await a.ExpectAckAsync(PacketType.PubRec, packetId);
        await a.SendPublishAsync(Presence, "false", QoS.ExactlyOnce, retain: true, dup: true, packetId: packetId);
        await a.ExpectAckAsync(PacketType.PubRec, packetId);

        IsShown(gateway, "true");
    }

    // Over 3.1.1 the board's birth may come before it is told with RETAIN that the board is there: for that the Will has to be held first. A birth comes once for each connection.
    [TestMethod]
    public async Task Birth_ComesBeforeTheWordThatTheBoardIsThere_Noted()
    {
        await using TestBroker gateway = Start();
        TestClient a = await WithBoardAsync(gateway, "gw-a");
        TestClient b = await BridgeAsync(gateway, "gw-b");
        await SubscribeAsync(b);

        await b.PublishAsync("dm/dev1/info", """{"id":"dev1","win":3}""", QoS.AtLeastOnce, retain: true);

        Assert.IsNotNull(gateway.Look(static s => s.Births.Find(Board)));
        await CommandArrivesAsync(gateway, a);
        TestClient other = await BridgeAsync(gateway, "gw-c");
        await other.PublishAsync("dm/dev2/info", """{"id":"dev2","win":3}""", QoS.AtLeastOnce, retain: true);
        Assert.IsNull(gateway.Look(static s => s.Births.Find("dev2")), "it is not subscribed for that one");
    }

    // ---- Bounds

    [TestMethod]
    public async Task Claims_CountAsMemoryOfTheirSession_AndAreGivenBack()
    {
        await using TestBroker gateway = Start();
        TestClient a = await BridgeAsync(gateway, "gw-a");
        long before = Memory(gateway);
        await SubscribeAsync(a, DeviceMark.Known);
        long one = Memory(gateway);
        await a.SubscribeAsync("dm/p2p/dev1", QoS.AtLeastOnce);

        Assert.AreEqual(before + MemoryCost.Subscription(Filter) + MemoryCost.DeviceBelow(Board), one);
        Assert.AreEqual(one + MemoryCost.Subscription("dm/p2p/dev1"), Memory(gateway), "a second filter for the same device takes no other place");
        await a.UnsubscribeAsync(Filter, "dm/p2p/dev1");
        Assert.AreEqual(before, Memory(gateway));
        Assert.AreEqual(0, gateway.Look(static s => s.GatewaysBelow.Count));

        static long Memory(TestBroker gateway) => gateway.Look(static s => s.Sessions.Find("gw-a")!.Holdings.Memory.Used);
    }

    private static TestBroker Start() => TestBroker.Start(limits: null, static ground => ground.Access = new EverybodyIs(ClientRole.Bridge));

    private static Task<TestClient> BridgeAsync(TestBroker gateway, string id, bool clean = false) =>
        gateway.ConnectAsync(id, ProtocolVersion.V5, clean, properties: new ConnectProperties { SessionExpirySeconds = 3600, UserProperties = [BridgeMark.Property] });

    // The board has connected there for the first time.
    private static async Task<TestClient> WithBoardAsync(TestBroker gateway, string id)
    {
        TestClient bridge = await BridgeAsync(gateway, id);
        await SubscribeAsync(bridge);
        await TellAsync(bridge, "true");
        return bridge;
    }

    private static async Task SubscribeAsync(TestClient bridge, UserProperty? mark = null)
    {
        SubscribePacket packet = new() { PacketId = bridge.NextPacketId(), Requests = [new SubscriptionRequest(TestClient.Filter(Filter), QoS.ExactlyOnce)], UserProperties = mark is { } said ? [said] : [] };
        await bridge.SendAsync(w => packet.Write(w, bridge.Version));
        Assert.AreEqual(PacketType.SubAck, (await bridge.ReceiveAsync()).Type);
    }

    private static async Task TellAsync(TestClient client, string word) => await client.PublishAsync(Presence, word, QoS.AtLeastOnce, retain: true);

    private static async Task SendAsync(TestBroker gateway)
    {
        TestClient app = await gateway.ConnectAsync("app");
        await app.PublishAsync("dm/p2p/dev1", "command", QoS.AtLeastOnce);
        await app.DisconnectAsync();
        await app.WaitForEndAsync();
    }

    private static async Task CommandArrivesAsync(TestBroker gateway, TestClient bridge)
    {
        await SendAsync(gateway);
        Assert.AreEqual("command", (await bridge.ReceivePublishAndAckAsync()).Payload);
    }

    private static void IsShown(TestBroker gateway, string word) =>
        Assert.AreEqual(word, gateway.Look(static s => s.Retained.Find(Presence)) is { } message ? Encoding.UTF8.GetString(message.Payload) : null);
}
