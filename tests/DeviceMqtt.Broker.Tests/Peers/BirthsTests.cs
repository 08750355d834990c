using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>What boards have told of themselves is forgotten with them, and those that are new are noted in any case.</summary>
[TestClass]
internal sealed class BirthsTests
{
    private const int Max = 4;

    // Those of boards behind a gateway below stayed for ever: in the end no new board's birth was noted, and its commands were neither paced nor kept for their time.
    [TestMethod]
    public async Task BoardBehindAGatewayBelow_ThatHasItNoMore_Forgotten()
    {
        await using TestBroker gateway = StartUpper();
        TestClient below = await ConnectBelowAsync(gateway);
        for (int i = 0; i < 3 * Max; i++)
        {
            await below.SubscribeAsync($"+/p2p/b{i}", QoS.AtLeastOnce);
            await below.PublishAsync($"dm/b{i}/info", Birth($"b{i}"), QoS.AtLeastOnce, retain: true);
            Assert.AreEqual(3, WindowOf(gateway, $"b{i}"));
            await below.UnsubscribeAsync($"+/p2p/b{i}");
            Assert.IsNull(WindowOf(gateway, $"b{i}"));
        }
    }

    [TestMethod]
    public async Task KnownDevicesMax_BoardsBehindAGatewayBelow_ABoardOfThisGatewayIsNoted()
    {
        await using TestBroker gateway = StartUpper();
        TestClient below = await ConnectBelowAsync(gateway);
        for (int i = 0; i < Max; i++)
        {
            await below.SubscribeAsync($"+/p2p/b{i}", QoS.AtLeastOnce);
            await below.PublishAsync($"dm/b{i}/info", Birth($"b{i}"), QoS.AtLeastOnce, retain: true);
        }

        TestClient board = await gateway.ConnectAsync("kitchen");
        await board.PublishAsync("dm/kitchen/info", Birth("kitchen"), QoS.AtLeastOnce, retain: true);

        Assert.AreEqual(3, WindowOf(gateway, "kitchen"));
        Assert.IsNull(WindowOf(gateway, "b0"), "the one that told it longest ago");
        Assert.AreEqual(3, WindowOf(gateway, "b1"));
    }

    [TestMethod]
    public void RecentDevices_Many_BoundedInNumberAndInMemory()
    {
        Ground ground = new(new FakeTime(), new GatewayLimits { KnownDevicesMax = 100 });
        using Turn.Scope scope = ground.Turn.Enter();
        RecentDevices<string> recent = new(ground, static name => name != "d950");
        Account memory = ground.Owners.Nobody[Good.Memory];
        for (int i = 0; i < 1_000; i++)
            Assert.IsTrue(recent.TrySet($"d{i}", "", 1_000));
        Assert.AreEqual(100, recent.Count);
        long each = memory.Used / 100;
        Assert.IsGreaterThan(1_000, each);
        recent.Touch("d900");
        for (int i = 0; i < 60; i++)
            Assert.IsTrue(recent.TrySet($"e{i}", "", 1_000));
        Assert.IsNotNull(recent.Find("d900"), "it has told something since");
        Assert.IsNotNull(recent.Find("d950"), "it does not go for others");
        Assert.IsNull(recent.Find("d901"));

        memory.Max = memory.Used;
        recent.Forget("e59");
        memory.Max = memory.Used;
        Assert.IsFalse(recent.TrySet("new", "", 1_000), "no memory");
        Assert.AreEqual(99, recent.Count, "nobody was forgotten for it");
        Assert.IsTrue(recent.TrySet("d950", "more", 1_010), "one that is known keeps its place");

        RecentDevices<string> kept = new(new(new FakeTime(), new GatewayLimits { KnownDevicesMax = 1 }), static _ => false);
        Assert.IsTrue(kept.TrySet("first", "", 1));
        Assert.IsFalse(kept.TrySet("second", "", 1));
        Assert.IsNotNull(kept.Find("first"));
    }

    private static TestBroker StartUpper() => TestBroker.Start(static limits => limits.KnownDevicesMax = Max, static ground => ground.Access = new EverybodyIs(ClientRole.Bridge));

    private static string Birth(string clientId) => $$"""{"id":"{{clientId}}","b":1,"up":1,"win":3}""";

    private static int? WindowOf(TestBroker gateway, string clientId) => gateway.Look(broker => broker.Births.Find(clientId)?.Window);

    private static async Task<TestClient> ConnectBelowAsync(TestBroker gateway)
    {
        TestClient below = gateway.Open();
        await below.SendAsync(Packet.Of("10:<MQTT> 84 02 0000 <below>"));
        Assert.AreEqual(0, (await below.ReceiveConnAckAsync()).Code);
        return below;
    }
}
