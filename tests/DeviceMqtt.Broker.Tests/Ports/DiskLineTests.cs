using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>Who goes on first when the disk has got further: whose turn it is, and not who came first.</summary>
[TestClass]
internal sealed class DiskLineTests
{
    private const int MessageBytes = 40_000;
    private const int Many = 30;

    [TestMethod]
    public async Task DiskHasRoomForSome_OneUserHasManyConnections_TheOtherGoesOnAsSoon()
    {
        SlowCustody? custody = null;
        await using TestBroker broker = TestBroker.Start(static _ => { }, ground => ground.Custody = custody = SlowCustody.OnDisk(ground));
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber");
        _ = await subscriber.SubscribeAsync("t/#", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        List<TestClient> many = [];
        for (int i = 0; i < Many; i++)
            many.Add(await ConnectAsync(broker, $"many {i}", user: 1));
        TestClient one = await ConnectAsync(broker, "one", user: 2);
        TestClient board = await ConnectAsync(broker, "board", user: 3);
        custody!.IsFast = false;
        long on = custody.LastPosition;
        custody.MostWaiting = 2 * MessageBytes;
        custody.Room = () => (2 - (custody.LastPosition - on)) * MessageBytes;

        foreach (TestClient client in many)
            _ = await client.SendPublishAsync("t/many", new string('x', MessageBytes), QoS.AtLeastOnce);
        for (int i = 0; i < 3; i++)
            _ = await one.SendPublishAsync("t/one", new string('x', MessageBytes), QoS.AtLeastOnce);
        _ = await board.SendPublishAsync("t/board", "21.5", QoS.AtLeastOnce);
        Assert.AreEqual(1, Count(custody, "t/board"), "who has little waits for nobody");
        Assert.AreEqual(2, Count(custody, "t/many"), "there was room for two");

        for (int i = 1; i <= 2; i++)
        {
            int held = 2 + (2 * i);
            on = custody.LastPosition;
            custody.Catch();
            await Patience.Until(() => broker.Look(_ => Count(custody, "t/one") + Count(custody, "t/many") == held), $"the next two, {i}");
        }

        Assert.AreEqual(2, broker.Look(_ => Count(custody, "t/one")), "the user with many connections had more than the one with one");
        custody.Room = static () => long.MaxValue;
        custody.IsFast = true;
        custody.Catch();
        await Patience.Until(() => broker.Look(_ => Count(custody, "t/many") == Many), "all of it");
    }

    // Its turn came, and it could not use it: nobody else had one until it read, or for a minute.
    [TestMethod]
    public async Task DiskIsBehind_ClientInLineDoesNotRead_OthersGoOn()
    {
        SlowCustody? custody = null;
        await using TestBroker broker = TestBroker.Start(static l => l.OutputBytesMax = MessageBytes, ground => ground.Custody = custody = SlowCustody.OnDisk(ground));
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber");
        _ = await subscriber.SubscribeAsync("t/#", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient deaf = await ConnectAsync(broker, "deaf", user: 1, networkBytes: 4_096);
        _ = await deaf.SubscribeAsync("fill", QoS.AtMostOnce);
        TestClient other = await ConnectAsync(broker, "other", user: 2);
        for (int i = 0; i < 3; i++)
            _ = await other.SendPublishAsync("fill", new string('x', MessageBytes), QoS.AtMostOnce);
        await Patience.Until(() => broker.Look(static b => b.Sessions.Find("deaf")!.Connection!.Output.HoldsBackItsClient), "an output that is full");
        custody!.IsFast = false;
        custody.MostWaiting = MessageBytes;
        custody.Room = static () => 0;
        _ = await deaf.SendPublishAsync("t/deaf", new string('x', MessageBytes), QoS.AtLeastOnce);
        _ = await other.SendPublishAsync("t/other", new string('x', MessageBytes), QoS.AtLeastOnce);
        Assert.AreEqual(0, Count(custody, "t/deaf") + Count(custody, "t/other"), "there was no room");

        long on = custody.LastPosition;
        custody.Room = () => (1 - (custody.LastPosition - on)) * MessageBytes;
        custody.Catch();

        await Patience.Until(() => broker.Look(_ => Count(custody, "t/other") == 1), "who is behind it in the line");
        custody.Room = static () => long.MaxValue;
        custody.IsFast = true;
        custody.Catch();
        await deaf.ResetAsync();
    }

    // Its turn would never end, and nobody else had one.
    [TestMethod]
    public void Turn_ThatEndsUnused_GoesToTheNext()
    {
        FakeTime time = new();
        Turn turn = new(time);
        SlowCustody disk = new(new(static _ => { }), turn) { IsBehind = true };
        DiskLine line = new() { Disk = disk };
        DiskTurn first = line.Wait(new DiskShare(25), MessageBytes);
        DiskTurn gone = line.Wait(new DiskShare(25), MessageBytes);
        DiskTurn second = line.Wait(new DiskShare(25), MessageBytes);
        line.End(gone);
        disk.IsBehind = false;
        disk.Room = static () => 1;
        line.Serve();
        Assert.IsTrue(first.IsGranted);
        Assert.IsFalse(second.IsGranted, "there was room for one");
        line.End(first);
        Assert.IsTrue(second.IsGranted);
        Assert.IsTrue(line.TryUse(second, MessageBytes));
        Assert.IsFalse(line.TryUse(second, MessageBytes), "it was for one packet");
        line.End(second);
        Assert.IsTrue(line.TryGo(new DiskShare(25), MessageBytes), "something counts as on its way that is not");
    }

    private static int Count(SlowCustody custody, string topic) => custody.Calls.Count(call => call == $"hold subscriber {topic}");

    private static async Task<TestClient> ConnectAsync(TestBroker broker, string clientId, int user, int networkBytes = 0)
    {
        TestClient client = broker.Open(remote: new IPEndPoint(new IPAddress([10, 0, 0, (byte)user]), 40_000), networkBytes: networkBytes, reading: PipeScheduler.Inline);
        _ = await client.ConnectAsync(clientId);
        return client;
    }
}
