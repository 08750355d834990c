using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>
/// As many devices are known as may be, and another comes. The one that has been away for longest is forgotten: it was the newest one, connected or not, where each device had a user or an address
/// of its own, and those that had been away for a year stayed.
/// </summary>
[TestClass]
internal sealed class KnownDevicesTests
{
    private const int Max = 8;

    private static TestBroker Start() => TestBroker.Start(static limits => limits.KnownDevicesMax = Max, static ground => ground.Access = new EverybodyIs(ClientRole.Device));

    private static async Task<TestClient> ComeAsync(TestBroker gateway, string clientId, int address)
    {
        TestClient client = gateway.Open(remote: new IPEndPoint(IPAddress.Parse($"10.0.1.{address}"), 1000));
        Assert.AreEqual(0, (await client.ConnectAsync(clientId)).Code);
        return client;
    }

    private static async Task ComeAndLeaveAsync(TestBroker gateway, string clientId, int address) => await (await ComeAsync(gateway, clientId, address)).DisconnectAsync();

    private static string[] Known(TestBroker gateway) => gateway.Look(static b => b.Mailboxes.InOrder().Select(static d => d.ClientId).ToArray());

    [TestMethod]
    public async Task KnownDevicesMax_EachOfItsOwnAddress_TheOneAwayForLongestGoesAndTheNewestStays()
    {
        await using TestBroker gateway = Start();
        RecordingUpstream upstream = new(gateway.Broker);
        gateway.Look(b => b.Upstreams.Tap = upstream);
        for (int i = 1; i <= Max; i++)
            await ComeAndLeaveAsync(gateway, $"d{i}", i);
        for (int i = 9; i <= 11; i++)
            _ = await ComeAsync(gateway, $"d{i}", i);

        CollectionAssert.AreEqual((string[])["d4", "d5", "d6", "d7", "d8", "d9", "d10", "d11"], Known(gateway));
        // The upstream has a subscription for each that is known, and for no other.
        CollectionAssert.AreEqual((string[])["d1", "d2", "d3"], upstream.Calls.Where(static c => c.StartsWith("forgotten ", StringComparison.Ordinal)).Select(static c => c["forgotten ".Length..]).ToArray());
        Assert.IsTrue(gateway.Look(static b => b.Mailboxes.Known.All(b.Mailboxes.IsReachable)));
    }

    [TestMethod]
    public async Task KnownDevicesMax_OneHereForLong_CountsFromWhenItLeft()
    {
        await using TestBroker gateway = Start();
        TestClient longHere = await ComeAsync(gateway, "here for long", 1);
        for (int i = 2; i <= Max; i++)
            await ComeAndLeaveAsync(gateway, $"d{i}", i);
        await longHere.DisconnectAsync();

        await ComeAndLeaveAsync(gateway, "new", 9);

        Assert.IsTrue(gateway.Look(static b => b.Mailboxes.IsKnown("here for long")));
        Assert.IsFalse(gateway.Look(static b => b.Mailboxes.IsKnown("d2")));
    }

    [TestMethod]
    public async Task KnownDevicesMax_WhoHasMostHasAllOfThemHere_AnAbsentOneOfAnotherGoes()
    {
        await using TestBroker gateway = Start();
        await ComeAndLeaveAsync(gateway, "away", 1);
        for (int i = 0; i < 2; i++)
            _ = await ComeAsync(gateway, $"two-{i}", 2);
        for (int i = 3; i <= Max - 3 + 2; i++)
            _ = await ComeAsync(gateway, $"d{i}", i);
        Assert.HasCount(Max, Known(gateway));

        _ = await ComeAsync(gateway, "new", 9);

        Assert.IsFalse(gateway.Look(static b => b.Mailboxes.IsKnown("away")));
        Assert.IsTrue(gateway.Look(static b => b.Mailboxes.IsKnown("two-0")));
        _ = await ComeAsync(gateway, "newer", 10); // nobody is away: of the one that has most, the first that came
        Assert.IsFalse(gateway.Look(static b => b.Mailboxes.IsKnown("two-0")));
    }

    [TestMethod]
    public async Task KnownDevicesMax_OneOwnerHasMost_ItsOldestGoes()
    {
        await using TestBroker gateway = Start();
        await ComeAndLeaveAsync(gateway, "oldest of all", 1);
        for (int i = 0; i < 2; i++)
            await ComeAndLeaveAsync(gateway, $"two-{i}", 2);
        for (int i = 3; i <= Max - 3 + 2; i++)
            await ComeAndLeaveAsync(gateway, $"d{i}", i);

        await ComeAndLeaveAsync(gateway, "new", 9);

        Assert.IsFalse(gateway.Look(static b => b.Mailboxes.IsKnown("two-0")));
        Assert.IsTrue(gateway.Look(static b => b.Mailboxes.IsKnown("oldest of all")));
    }

    // A snapshot goes through them over many turns, and a recovery takes its order: first is who goes first.
    [TestMethod]
    public async Task Devices_GoneThroughWhileTheyComeAndGo_NoneIsMissedAndThoseHereAreLast()
    {
        await using TestBroker gateway = Start();
        TestClient here = await ComeAsync(gateway, "here", 1);
        TestClient leaving = await ComeAsync(gateway, "leaving", 2);
        await ComeAndLeaveAsync(gateway, "away", 3);
        await ComeAndLeaveAsync(gateway, "coming", 4);
        CollectionAssert.AreEqual((string[])["away", "coming", "here", "leaving"], Known(gateway));
        using IEnumerator<string> walk = gateway.Broker.Mailboxes.InOrder().Select(static d => d.ClientId).GetEnumerator();
        HashSet<string> met = [];

        void Step() => Assert.IsTrue(gateway.Look(_ => walk.MoveNext() && (met.Add(walk.Current) || true)));
        Step();
        _ = await ComeAsync(gateway, "coming", 4);
        Step();
        await leaving.DisconnectAsync();
        await here.DisconnectAsync();
        await ComeAndLeaveAsync(gateway, "new", 5);
        while (gateway.Look(_ => walk.MoveNext()))
            _ = met.Add(walk.Current);

        CollectionAssert.AreEquivalent((string[])["away", "coming", "here", "leaving", "new"], met.ToArray());
    }

    // All that share it have used up the memory, by something else. One device makes room for another, and not all of them for nothing.
    [TestMethod]
    public async Task KnownDevices_NoMemoryForOneMore_NoMoreAreForgottenThanTheyTake()
    {
        await using TestBroker gateway = TestBroker.Start(static _ => { });
        int known = gateway.Look(static b =>
        {
            for (int i = 0; i < 100; i++)
                Remember(b, $"d{i}");
            Owner much = b.Owners.Of("much", remote: null, ClientRole.Device);
            much[Good.Memory].Take(b.Owners[Good.Memory].Left - 100);
            for (int i = 100; i < 110; i++)
                Remember(b, $"d{i}");
            int count = b.Mailboxes.Known.Length;
            much[Good.Memory].GiveAll();
            return count;
        });
        Assert.IsGreaterThan(80, known);
        Assert.IsLessThan(110, known);
    }

    private static void Remember(BrokerState broker, string clientId) =>
        _ = broker.Mailboxes.Remember(clientId, ClientRole.Device, broker.Owners.Of($"user of {clientId}", remote: null, ClientRole.Device), new UserIdentity($"user of {clientId}", 1));

    // Departed boards with a user each: what is kept of a user is memory, too, and was tens of megabytes beside what is bounded.
    [TestMethod]
    public async Task Owner_WithADeviceAlone_CountsAsMemoryUntilItHasNothing()
    {
        await using TestBroker gateway = TestBroker.Start(static _ => { });
        (long each, long left) = gateway.Look(static b =>
        {
            long before = b.Owners[Good.Memory].Used;
            for (int i = 0; i < 100; i++)
                b.Owners.Of($"user-{i}", remote: null, ClientRole.Device).AddReference();
            long used = b.Owners[Good.Memory].Used - before;
            for (int i = 0; i < 100; i++)
                b.Owners.Of($"user-{i}", remote: null, ClientRole.Device).RemoveReference();
            for (int i = 0; i < 200; i++) // those that come have those go that have nothing
                _ = b.Owners.At(new IPEndPoint(i + 1, 1));
            return (used / 100, b.Owners.Count);
        });
        Assert.IsGreaterThan(500L, each);
        Assert.IsLessThan(200L, left);
    }
}
