using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>Who has a board that has moved between gateways is on the disk. It once was found in the order of a table, and commands went to a gateway that the board had left.</summary>
[TestClass]
public sealed class RoamingRestartTests
{
    private const string Board = "dev1";

    // The first and the last that has subscribed, and the one that had it before: in a journal alone, and in a snapshot.
    [TestMethod]
    [DataRow("gw-a", false), DataRow("gw-b", false), DataRow("gw-c", false), DataRow("gw-a", true), DataRow("gw-b", true), DataRow("gw-c", true)]
    public async Task Upper_StartsAnew_CommandGoesWhereTheBoardIs(string where, bool hasSnapshot)
    {
        BrokerOnDisk gateway = Start(new MemoryStorage(), hasSnapshot);
        Dictionary<string, TestClient> bridges = [];
        foreach (string id in (string[])["gw-b", "gw-c", "gw-a"])
        {
            bridges.Add(id, await BridgeAsync(gateway, id));
            await bridges[id].SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce);
            await TellAsync(bridges[id], "true");
        }

        await TellAsync(bridges[where], "false");
        await TellAsync(bridges[where], "true");
        foreach (string id in (string[])["gw-b", "gw-c", "gw-a"])
            await bridges[id].SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce, retainHandling: RetainHandling.DoNotSend); // says nothing of where it is
        Snapshot(gateway, hasSnapshot);

        gateway = Start(await gateway.CrashAsync(), hasSnapshot);
        Assert.AreEqual(where, gateway.Look(static b => b.GatewaysBelow.Find(Board))?.ClientId);
        Snapshot(gateway, hasSnapshot);
        gateway = Start(await gateway.CrashAsync(), hasSnapshot);
        Assert.AreEqual(where, gateway.Look(static b => b.GatewaysBelow.Find(Board))?.ClientId);
        await gateway.DisposeAsync();
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Upper_StartsAnew_BoardWasHereLast_CommandWaitsHere(bool hasSnapshot)
    {
        BrokerOnDisk gateway = Start(new MemoryStorage(), hasSnapshot);
        await (await gateway.ConnectAsync(Board)).DropAsync();
        TestClient a = await BridgeAsync(gateway, "gw-a");
        await a.SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce);
        await TellAsync(a, "true");
        await (await gateway.ConnectAsync(Board)).DropAsync();
        await a.SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce, retainHandling: RetainHandling.DoNotSend);
        Snapshot(gateway, hasSnapshot);

        gateway = Start(await gateway.CrashAsync(), hasSnapshot);
        TestClient app = await gateway.ConnectAsync("app");
        await app.PublishAsync("dm/p2p/dev1", "command", QoS.AtLeastOnce);

        Assert.AreEqual(1, gateway.Look(static b => b.Mailboxes.Find(Board)?.Count));
        await gateway.DisposeAsync();
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Upper_StartsAnew_BoardHasGoneBelow_CommandGoesThere(bool hasSnapshot)
    {
        BrokerOnDisk gateway = Start(new MemoryStorage(), hasSnapshot);
        TestClient a = await BridgeAsync(gateway, "gw-a");
        await a.SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce);
        await (await gateway.ConnectAsync(Board)).DropAsync();
        await TellAsync(a, "false"); // its connection there was open still
        await TellAsync(a, "true");
        Snapshot(gateway, hasSnapshot);

        gateway = Start(await gateway.CrashAsync(), hasSnapshot);

        Assert.AreEqual("gw-a", gateway.Look(static b => b.GatewaysBelow.Find(Board))?.ClientId);
        await gateway.DisposeAsync();
    }

    // It was here last, but fewer devices may be known from this start on: it once was taken for here all the same, and a command to it found nobody.
    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Upper_StartsAnew_BoardWasHereLastAndIsNotLetIn_CommandGoesBelow(bool hasSnapshot)
    {
        BrokerOnDisk gateway = Start(new MemoryStorage(), hasSnapshot);
        TestClient a = await BridgeAsync(gateway, "gw-a");
        await a.SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce);
        foreach (string id in (string[])[Board, "dev2"])
            await (await gateway.ConnectAsync(id)).DropAsync();
        await a.SubscribeAsync("any", QoS.AtLeastOnce); // the disk has it all
        Snapshot(gateway, hasSnapshot);

        gateway = Start(await gateway.CrashAsync(), hasSnapshot, static limits => limits.KnownDevicesMax = 1);
        TestClient app = await gateway.ConnectAsync("app");
        await app.PublishAsync("dm/p2p/dev1", "command", QoS.AtLeastOnce);

        Assert.AreEqual("command", (await (await BridgeAsync(gateway, "gw-a")).ReceivePublishAsync()).Payload);
        await gateway.DisposeAsync();
    }

    // Both gateways tell once more that they have it, for one does not know yet that it has left. That one says so in the end.
    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Upper_StartsAnew_TheOneItHasLeftTellsFirstOrLast_BoardIsOnlineInTheEnd(bool isLast)
    {
        BrokerOnDisk gateway = Start(new MemoryStorage(), hasSnapshot: false);
        foreach (string id in (string[])["gw-a", "gw-b"])
        {
            TestClient bridge = await BridgeAsync(gateway, id);
            await bridge.SubscribeAsync("+/p2p/dev1", QoS.AtLeastOnce);
            await TellAsync(bridge, "true");
        }

        gateway = Start(await gateway.CrashAsync(), hasSnapshot: false);
        TestClient a = await BridgeAsync(gateway, "gw-a");
        TestClient b = await BridgeAsync(gateway, "gw-b");
        await TellAsync(isLast ? b : a, "true");
        await TellAsync(isLast ? a : b, "true");
        await TellAsync(a, "false");

        Assert.AreEqual("gw-b", gateway.Look(static s => s.GatewaysBelow.Find(Board))?.ClientId);
        Assert.AreEqual("true", gateway.Look(static s => System.Text.Encoding.UTF8.GetString(s.Retained.Find("presence/dev1")!.Payload)));
        await gateway.DisposeAsync();
    }

    private static BrokerOnDisk Start(MemoryStorage disk, bool hasSnapshot, Action<GatewayLimits>? limits = null) =>
        BrokerOnDisk.StartOn(disk, access: new EverybodyIs(ClientRole.Bridge), limits: limits, snapshotSteps: hasSnapshot ? 2 : null);

    // Some steps a turn, with all that goes on in between.
    private static void Snapshot(BrokerOnDisk gateway, bool hasSnapshot)
    {
        for (int beats = 0; hasSnapshot && beats < 20; beats++)
            gateway.Advance(1);
    }

    private static Task<TestClient> BridgeAsync(BrokerOnDisk gateway, string id) =>
        gateway.ConnectAsync(id, ProtocolVersion.V5, clean: false, properties: new ConnectProperties { SessionExpirySeconds = 3600, UserProperties = [BridgeMark.Property] });

    private static async Task TellAsync(TestClient bridge, string word) => await bridge.PublishAsync("presence/dev1", word, QoS.AtLeastOnce, retain: true);
}
