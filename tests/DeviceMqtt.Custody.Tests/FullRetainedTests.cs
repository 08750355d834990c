using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A retained message takes the place of another while the disk is full, and then the gateway goes: what is out of date does not come back.</summary>
[TestClass]
internal sealed class FullRetainedTests
{
    private const long FreeBytesMin = 8 * 1024 * 1024;

    // More than the twenty bytes that found no room: these find none either.
    private static readonly string Newer = "newer, " + new string('x', 200);

    private static BrokerOnDisk Start(MemoryStorage disk) => BrokerOnDisk.StartOn(disk, static l => l.JournalFreeBytesMin = FreeBytesMin);

    // Returns one whose UNSUBACK says that everything until then is on the disk.
    private static async Task<TestClient> FillAsync(BrokerOnDisk gateway)
    {
        TestClient keeper = await gateway.ConnectDurableAsync("keeper");
        _ = await keeper.SubscribeAsync("k");
        TestClient filler = await gateway.ConnectAsync("filler");
        int number = 0;
        foreach (int bytes in (int[])[200_000, 20_000, 2_000, 200, 20])
            for (long dropped = gateway.Counters.Dropped(DropReason.JournalFull); dropped == gateway.Counters.Dropped(DropReason.JournalFull);)
            {
                await filler.SendPublishAsync($"r/{number++}", new string('x', bytes), retain: true);
                await filler.ExpectNothingAsync(); // PINGREQ is answered
                Assert.IsLessThan(20_000, number, "the disk does not fill up"); // room comes back meanwhile, where segments go
            }

        return keeper;
    }

    private static async Task ExpectRetainedAsync(BrokerOnDisk gateway, string? payload)
    {
        TestClient observer = await gateway.ConnectAsync("observer");
        await observer.SubscribeAsync("presence/board");
        if (payload is not null)
            Assert.AreEqual(payload, (await observer.ReceivePublishAsync()).Payload);
        await observer.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Will_NoRoomForIt_ABoardThatIsGoneIsNotThereAgainAfterARestart()
    {
        MemoryStorage disk = new() { Capacity = 24 * 1024 * 1024 };
        await using BrokerOnDisk gateway = Start(disk);
        TestClient board = await gateway.ConnectAsync("board", will: new WillMessage { Topic = "presence/board", Payload = Encoding.UTF8.GetBytes(Newer), QoS = QoS.AtLeastOnce, Retain = true });
        _ = await board.PublishAsync("presence/board", "true", QoS.AtLeastOnce, retain: true);
        TestClient keeper = await FillAsync(gateway);
        await board.DropAsync();
        await ExpectRetainedAsync(gateway, Newer);
        _ = await keeper.UnsubscribeAsync("k");
        await using BrokerOnDisk after = Start(await gateway.CrashAsync());
        await ExpectRetainedAsync(after, null);
    }

    [TestMethod]
    public async Task PUBLISH_OfQoS0WithoutRoom_TheOlderOneDoesNotComeBack() // [MQTT-3.3.1-7]
    {
        MemoryStorage disk = new() { Capacity = 24 * 1024 * 1024 };
        await using BrokerOnDisk gateway = Start(disk);
        TestClient board = await gateway.ConnectAsync("board");
        _ = await board.PublishAsync("presence/board", "older", QoS.AtLeastOnce, retain: true);
        TestClient keeper = await FillAsync(gateway);
        await board.PublishAsync("presence/board", Newer, retain: true);
        await ExpectRetainedAsync(gateway, Newer);
        _ = await keeper.UnsubscribeAsync("k");
        await using BrokerOnDisk after = Start(await gateway.CrashAsync());
        await ExpectRetainedAsync(after, null);
    }
}
