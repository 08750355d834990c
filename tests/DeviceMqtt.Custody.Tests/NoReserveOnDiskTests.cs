using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>The disk fills up, and somebody else takes what was left for the journal's reserve: not even an acknowledgement has room there.</summary>
[TestClass]
internal sealed class NoReserveOnDiskTests
{
    private const int PayloadBytes = 100_000;
    private const int Filters = 100;

    internal static BrokerOnDisk Start(MemoryStorage disk) => BrokerOnDisk.StartOn(disk, static l => l.JournalFreeBytesMin = 0);

    // Returns what was acknowledged.
    internal static async Task<List<string>> FillAsync(BrokerOnDisk gateway)
    {
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        List<string> acknowledged = [];
        for (int i = 0; i < 1_000; i++)
        {
            string payload = $"{i} {new string('x', PayloadBytes)}";
            if (await publisher.PublishAsync("t", payload, i % 2 == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce) >= ReasonCode.UnspecifiedError)
                return acknowledged;
            acknowledged.Add(payload.Split(' ')[0]);
        }

        throw new AssertFailedException("the disk does not fill up");
    }

    // A Will is one of the things that go into the reserve: that it is kept is nobody's promise.
    private static async Task TakeTheReserveAsync(BrokerOnDisk gateway, TestClient keeper)
    {
        for (int i = 0; i < Filters; i++)
        {
            // Segments that are not needed any more go one by one, beside the turn: each makes room once more.
            if (i % 10 == 0)
                foreach (int bytes in (int[])[60_000, 6_000, 600, 60, 6])
                    for (int each = 0; each < 150; each++)
                        await (await gateway.ConnectAsync("doomed", will: new WillMessage { Topic = "w", Payload = new byte[bytes], QoS = QoS.AtLeastOnce })).DropAsync();
            if ((await keeper.UnsubscribeAsync($"k/{i}"))[0] >= ReasonCode.UnspecifiedError)
                return;
        }

        throw new AssertFailedException("the reserve does not get used up");
    }

    private static async Task<List<string>> TakeAllAsync(BrokerOnDisk gateway, int messages)
    {
        TestClient subscriber = await gateway.ConnectDurableAsync("s", ProtocolVersion.V5, receiveMaximum: 1);
        List<string> taken = [];
        while (taken.Count < messages)
            taken.Add((await subscriber.ReceivePublishAndAckAsync()).Payload.Split(' ')[0]);
        await subscriber.ExpectNothingAsync();
        return taken;
    }

    [TestMethod]
    [DataRow("goes on")]
    [DataRow("killed")]
    [DataRow("power cut")]
    [DataRow("killed, and started while the disk is full")]
    public async Task Reserve_CannotBeMade_ItIsSaidAndNothingAcknowledgedIsLost(string then)
    {
        MemoryStorage disk = new() { Capacity = 24 * 1024 * 1024 };
        BrokerOnDisk gateway = Start(disk);
        TestClient subscriber = await gateway.ConnectDurableAsync("s", ProtocolVersion.V5);
        _ = await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        await subscriber.DropAsync();
        TestClient keeper = await gateway.ConnectDurableAsync("keeper", ProtocolVersion.V5);
        for (int i = 0; i < Filters; i++)
            _ = await keeper.SubscribeAsync($"k/{i}");
        List<string> acknowledged = await FillAsync(gateway);
        Assert.IsGreaterThan(50, acknowledged.Count);
        disk.Capacity -= disk.FreeBytes(); // another program has the rest
        gateway.Advance(1);
        await TakeTheReserveAsync(gateway, keeper);

        Assert.Contains(static l => l.Contains("the journal is full", StringComparison.Ordinal), gateway.Lines);
        TestClient other = await gateway.ConnectAsync("o", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.QuotaExceeded, await other.PublishAsync("t", "no room", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.QuotaExceeded, await other.PublishAsync("t", "no room", QoS.ExactlyOnce));
        Assert.IsGreaterThan(0, gateway.Counters.Dropped(DropReason.JournalFull));
        gateway.AssertLedgerBalances();

        bool isFullAtStart = then.EndsWith("full", StringComparison.Ordinal);
        if (then != "goes on")
        {
            MemoryStorage left = await gateway.CrashAsync(then == "power cut" ? new Random(1) : null);
            left.Capacity = isFullAtStart ? left.Capacity : long.MaxValue;
            gateway = Start(left);
            disk = left;
        }

        await using BrokerOnDisk after = gateway;
        if (isFullAtStart)
            Assert.AreEqual(ReasonCode.QuotaExceeded, await (await after.ConnectAsync("o", ProtocolVersion.V5)).PublishAsync("t", "no room", QoS.AtLeastOnce));
        disk.Capacity = long.MaxValue;
        after.Advance(2);
        CollectionAssert.AreEqual(acknowledged, await TakeAllAsync(after, acknowledged.Count));
        after.AssertLedgerBalances();
        other = await after.ConnectAsync("o", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.Success, await other.PublishAsync("t", "room again", QoS.AtLeastOnce));
    }
}
