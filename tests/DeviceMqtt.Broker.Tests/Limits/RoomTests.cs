using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Limits;

/// <summary>All together have the memory that there is: who is new gets in, or is told why not.</summary>
[TestClass]
internal sealed class RoomTests
{
    private const int Hogs = 12;
    private const int UnfinishedBytes = 200_000;
    private static readonly IPEndPoint New = new(IPAddress.Parse("10.1.0.1"), 1000);

    private static TestBroker Start() => TestBroker.Start(
        static limits => (limits.MemoryBytesMax, limits.WaitingMemoryBytesMax) = (16 * 1024 * 1024, 0), static ground => ground.Access = new EverybodyIs(ClientRole.Device));

    // As many owners have it, each of them less than its share.
    private static void TakeAll(TestBroker gateway) =>
        gateway.Look(static b =>
        {
            b.Owners.Of("others", remote: null, ClientRole.Device)[Good.Memory].Take(b.Owners[Good.Memory].Left);
            return true;
        });

    private static void GiveAll(TestBroker gateway) =>
        gateway.Look(static b =>
        {
            b.Owners.Of("others", remote: null, ClientRole.Device)[Good.Memory].GiveAll();
            return true;
        });

    private static async Task<List<TestClient>> HoldAsync(TestBroker gateway)
    {
        List<TestClient> hogs = [];
        for (byte i = 0; i < Hogs; i++)
        {
            TestClient hog = gateway.Open(remote: new IPEndPoint(new IPAddress([10, 0, 0, i]), 1));
            hogs.Add(hog);
            Assert.AreEqual(0, (await hog.ConnectAsync($"hog-{i}")).Code);
            await hog.SendAsync([0x30, 0xC0, 0x84, 0x3D, .. new byte[UnfinishedBytes]]);
        }

        return hogs;
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task MemoryBytesMax_AllIsTakenByMany_ANewBoardGetsInAndWhoHasMostEnds(ProtocolVersion version)
    {
        await using TestBroker gateway = Start();
        List<TestClient> hogs = await HoldAsync(gateway);
        TakeAll(gateway);

        TestClient board = gateway.Open(version, New);
        Assert.AreEqual(0, (await board.ConnectAsync("board")).Code);
        Assert.AreEqual(ReasonCode.GrantedQoS1, await board.SubscribeAsync("in", QoS.AtLeastOnce));
        Assert.AreEqual(version == ProtocolVersion.V5 ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success, await board.PublishAsync("out", "20.5", QoS.AtLeastOnce));
        await Patience.Until(() => gateway.Counters.Closed(CloseReason.QuotaExceeded) > 0, "the end of who has most");
        Assert.IsLessThan(Hogs, gateway.Counters.Closed(CloseReason.QuotaExceeded));
        Assert.Contains(static line => line.Contains("hog-", StringComparison.Ordinal) && line.Contains("others have no room", StringComparison.Ordinal), gateway.Log.Lines);

        GiveAll(gateway);
        foreach (TestClient hog in hogs)
            await hog.DropAsync();
        await board.DropAsync();
        Assert.AreEqual(0, gateway.Look(static b => b.Owners[Good.Memory].Coming));
        Assert.IsLessThan(UnfinishedBytes, gateway.Look(static b => b.Owners[Good.Memory].Used));
    }

    [TestMethod]
    public async Task MemoryBytesMax_AllIsTakenByMany_ASmallPacketThatComesInPartsIsTaken()
    {
        await using TestBroker gateway = Start();
        TestClient board = gateway.Open(remote: New);
        _ = await board.ConnectAsync("board");
        List<TestClient> hogs = await HoldAsync(gateway);
        TakeAll(gateway);

        byte[] packet = [0x30, 0x84, 0x4E, 0, 1, (byte)'t', .. new byte[9_985]];
        await board.SendAsync(packet[..9_000]);
        await board.SendAsync(packet[9_000..]);
        await board.ExpectNothingAsync();
        GiveAll(gateway);
        foreach (TestClient hog in hogs)
            await hog.DropAsync();
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task MemoryBytesMax_AllIsTakenAndNobodyCanEnd_CONNECTIsAnsweredAndTheLogSaysWhoHasIt(ProtocolVersion version)
    {
        await using TestBroker gateway = Start();
        TakeAll(gateway);

        TestClient board = gateway.Open(version, New);
        Assert.AreEqual(version == ProtocolVersion.V5 ? (byte)ReasonCode.QuotaExceeded : (byte)ConnectReturnCode.ServerUnavailable, (await board.ConnectAsync("board")).Code);
        await board.ExpectCloseAsync(CloseReason.QuotaExceeded);
        long max = gateway.Look(static b => b.Owners[Good.Memory].Max);
        long taken = max + MemoryCost.Connection + gateway.Look(static b => b.Owners.OwnBytes) - MemoryCost.Owner("user 'others'", "others"); // who was there before
        Assert.Contains(line => line.Contains($"all together have {taken} of {max}", StringComparison.Ordinal), gateway.Log.Lines);
        GiveAll(gateway);
        Assert.AreEqual(0, (await gateway.Open(version, New).ConnectAsync("board")).Code);
    }

    // Who has most asks again and again, finds nobody, and is not looked for again for a moment: that is not the newcomer's moment.
    [TestMethod]
    public async Task MemoryBytesMax_WhoHasMostHasJustFoundNobody_ANewBoardGetsInAllTheSame()
    {
        await using TestBroker gateway = Start();
        List<TestClient> hogs = await HoldAsync(gateway);
        TestClient another = gateway.Open(remote: new IPEndPoint(new IPAddress([10, 0, 0, 0]), 2));
        _ = await another.ConnectAsync("another");
        TestClient board = gateway.Open(remote: New);
        TakeAll(gateway);
        await another.SendAsync([0x30, 0x84, 0x4E, 0, 1, (byte)'t', .. new byte[9_000]]);
        await another.ExpectCloseAsync(CloseReason.QuotaExceeded);
        TakeAll(gateway);

        Assert.AreEqual(0, (await board.ConnectAsync("board")).Code);
        GiveAll(gateway);
        foreach (TestClient hog in hogs)
            await hog.DropAsync();
    }

    // Nobody ends for who has as much.
    [TestMethod]
    public async Task MemoryBytesMax_AllIsTaken_WhoHasMostItselfFindsNoMore()
    {
        await using TestBroker gateway = Start();
        List<TestClient> hogs = await HoldAsync(gateway);
        TakeAll(gateway);

        TestClient another = gateway.Open(remote: new IPEndPoint(new IPAddress([10, 0, 0, 0]), 2));
        _ = await another.ConnectAsync("another");
        await hogs[0].SendAsync(new byte[UnfinishedBytes]);
        await hogs[0].ExpectCloseAsync(CloseReason.QuotaExceeded);
        GiveAll(gateway);
        foreach (TestClient hog in hogs)
            await hog.DropAsync();
    }
}
