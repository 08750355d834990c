using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>What waits for a client and is not to be sent any more fills neither its output nor its window: all of it was dropped in the turn of the CONNECT.</summary>
[TestClass]
internal sealed class UnsentBacklogTests
{
    [TestMethod]
    [DataRow(true, DisplayName = "commands whose time is over by their own words")]
    [DataRow(false, DisplayName = "messages that are larger than the client takes now")]
    public async Task Session_MuchOfWhatWaitsIsNotToBeSent_DroppedOverManyTurns(bool areStale)
    {
        const int Waiting = 4_000;
        await using TestBroker gateway = TestBroker.Start(null, static ground => ground.Access = new EverybodyIs(ClientRole.Bridge));
        TestClient bridge = await ConnectBridgeAsync(gateway, areStale, bytesMax: 10_000);
        Assert.AreEqual(ReasonCode.GrantedQoS1, await bridge.SubscribeAsync(areStale ? "+/p2p/a" : "t", QoS.AtLeastOnce));
        await bridge.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        long over = gateway.Time.GetUtcNow().ToUnixTimeSeconds() - 10;
        gateway.Time.WallOffset = TimeSpan.FromDays(-400); // nobody knows the time when they come
        for (int i = 1; i <= Waiting; i++)
            Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync(areStale ? "dm/p2p/a" : "t", areStale ? $$"""{"id":"k{{i}}","cmd":"relay.set","args":{"on":true},"from":"publisher","exp":{{over}},"ttl":3600}""" : new string('x', 100), QoS.AtLeastOnce));
        gateway.Time.WallOffset = TimeSpan.Zero;
        Queue<Jobs> jobs = new();
        gateway.Look(b => b.Turn.Jobs.RunSoon = jobs.Enqueue);
        gateway.Time.LookMs = 1;
        _ = await ConnectBridgeAsync(gateway, areStale, bytesMax: 60);
        int left = gateway.Look(static b => b.Sessions.Find("bridge")!.Queue.Count);
        Assert.IsGreaterThan(Waiting / 2, left, "in the turn of the CONNECT");
        int slices = 0;
        for (; gateway.Look(static b => b.Sessions.Find("bridge")!.Queue.Count) > 0; slices++)
        {
            for (int seconds = 0; jobs.Count == 0; seconds++)
            {
                Assert.IsLessThan(60, seconds, "nobody goes on");
                gateway.Time.Advance(TimeSpan.FromSeconds(1)); // its owner pays for the time
            }

            jobs.Dequeue().Execute();
        }

        gateway.Time.LookMs = 0;
        Assert.IsGreaterThan(left / 500, slices);
        Assert.AreEqual(Waiting, gateway.Counters.Dropped(areStale ? DropReason.Expired : DropReason.LargerThanClientAccepts));
    }

    private static async Task<TestClient> ConnectBridgeAsync(TestBroker gateway, bool isGateway, uint bytesMax)
    {
        TestClient bridge = isGateway ? gateway.Open() : gateway.Open(ProtocolVersion.V5);
        if (isGateway)
            await bridge.SendAsync(Packet.Of("10:<MQTT> 84 00 0000 <bridge>"));
        else
            await bridge.SendConnectAsync("bridge", clean: false, properties: new ConnectProperties { SessionExpirySeconds = 3600, MaximumPacketSize = bytesMax });
        Assert.AreEqual(0, (await bridge.ReceiveConnAckAsync()).Code);
        return bridge;
    }
}
