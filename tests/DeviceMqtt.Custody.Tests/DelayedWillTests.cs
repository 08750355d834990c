using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A Will that waits for its delay: whatever happens meanwhile, it is published, unless the client is back.</summary>
[TestClass]
internal sealed class DelayedWillTests
{
    private const string Topic = "presence/x";

    private static WillMessage Will(uint delaySeconds) =>
        new() { Topic = Topic, Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true, Properties = new WillProperties { DelaySeconds = delaySeconds } };

    private static string Shown(BrokerOnDisk gateway) =>
        gateway.Look(static b => b.Retained.Find(Topic) is { } message ? System.Text.Encoding.UTF8.GetString(message.Payload) : "nothing");

    private static Task<TestClient> ConnectAsync(BrokerOnDisk gateway, bool isV5) => isV5
        ? gateway.ConnectAsync("x", ProtocolVersion.V5, clean: false, Will(10), new ConnectProperties { SessionExpirySeconds = 3600 })
        : gateway.ConnectAsync("x", ProtocolVersion.V311, clean: false, Will(0));

    [TestMethod]
    [DataRow("its delay", true)]
    [DataRow("its delay, and is taken over", true)]
    [DataRow("its delay, and comes back with Clean Start", true)]
    [DataRow("the grace of its group", false)]
    [DataRow("the grace of its group, and is taken over", false)]
    public async Task ClientComesBack_IsRefusedForWantOfRoom_ItsWillIsPublished(string waitsFor, bool isV5)
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, policies: [new GroupPolicy { Match = "x", WillDelaySeconds = 10 }]);
        TestClient client = await ConnectAsync(gateway, isV5);
        await client.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        if (!waitsFor.Contains("taken over", StringComparison.Ordinal))
            await client.DropAsync();

        disk.Fault = static (_, what) => what is "write" or "create" ? new IOException("No space left on device", 28) : null;
        TestClient other = await gateway.ConnectAsync("other");
        await other.SendPublishAsync("t", "finds no room", QoS.AtMostOnce, retain: true);
        _ = gateway.Look(b =>
        {
            b.Turn.Gate.Hurry(); // nobody waits for a QoS 0 message, and the clock of records that may wait stands still
            return 0;
        });
        await Patience.Until(() => gateway.Custody.IsFull, "the full disk");
        TestClient back = gateway.Open(isV5 ? ProtocolVersion.V5 : ProtocolVersion.V311);
        ConnAckPacket refused = await back.ConnectAsync(
            "x", clean: waitsFor.Contains("Clean", StringComparison.Ordinal), will: Will(0), properties: isV5 ? new ConnectProperties { SessionExpirySeconds = 3600 } : null);
        Assert.AreEqual(isV5 ? (byte)ReasonCode.QuotaExceeded : (byte)3, refused.Code);

        disk.Fault = null;
        await Patience.Until(() => !gateway.Custody.IsFull, "room");
        gateway.Advance(5);
        Assert.AreEqual("true", Shown(gateway), "before its time");
        gateway.Advance(6);
        Assert.AreEqual("false", Shown(gateway));
        await other.PublishAsync("t", "is on the disk", QoS.AtLeastOnce, retain: true);

        await using BrokerOnDisk after = BrokerOnDisk.StartOn(await gateway.CrashAsync());
        Assert.AreEqual("false", Shown(after));
    }

    [TestMethod]
    public async Task Gateway_StartsAgainMoreOftenThanTheDelay_WillIsPublishedInTime()
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        TestClient client = await gateway.ConnectAsync("x", ProtocolVersion.V5, clean: false, Will(60), new ConnectProperties { SessionExpirySeconds = 3600 });
        await client.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        await client.DropAsync();
        List<string> shown = [];
        for (int start = 0; start < 3; start++)
        {
            await (await gateway.ConnectAsync("other")).PublishAsync("t", "is on the disk", QoS.AtLeastOnce, retain: true);
            gateway.Advance(50);
            shown.Add(Shown(gateway));
            gateway = BrokerOnDisk.StartOn(await gateway.CrashAsync(), machine: machine);
        }

        gateway.Advance(1);
        shown.Add(Shown(gateway));
        await gateway.DisposeAsync();
        CollectionAssert.AreEqual((string[])["true", "false", "false", "false"], shown);
    }
}
