using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// The gateway is killed, or the power goes, at random moments between a publisher and a subscriber with persistent
/// Sessions. No message is lost, none of QoS 2 comes twice, the order is that of the publisher, and the ledger balances.
/// </summary>
[TestClass]
internal sealed class CrashLossTests
{
    internal enum Happening
    {
        Publish,
        PublisherSends,
        PublisherReads,
        SubscriberReads,
        SubscriberSends,
        SubscriberBreaks,
        BothReturn,
        TimePasses,
        GatewayIsKilled,
        PowerGoes,
    }

    internal sealed record Step(Happening Happening, int Count);

    private static readonly Gen<Step> AnyStep =
        from happening in Gen.Frequency(
            (8, Gen.Constant(Happening.Publish)),
            (6, Gen.Constant(Happening.PublisherSends)),
            (4, Gen.Constant(Happening.PublisherReads)),
            (6, Gen.Constant(Happening.SubscriberReads)),
            (5, Gen.Constant(Happening.SubscriberSends)),
            (1, Gen.Constant(Happening.SubscriberBreaks)),
            (4, Gen.Constant(Happening.BothReturn)),
            (1, Gen.Constant(Happening.TimePasses)),
            (1, Gen.Constant(Happening.GatewayIsKilled)),
            (2, Gen.Constant(Happening.PowerGoes)))
        from count in Gen.Choose(1, 6)
        select new Step(happening, count);

    [TestMethod]
    [DataRow(ProtocolVersion.V311, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V311, QoS.ExactlyOnce)]
    [DataRow(ProtocolVersion.V5, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V5, QoS.ExactlyOnce)]
    public void Gateway_CrashesAtRandom_NothingLostNothingTwiceOrderKept(ProtocolVersion version, QoS qos) =>
        Chance.CheckSteps(AnyStep, 150, 15, steps => RunAsync(version, [qos], steps).GetAwaiter().GetResult());

    [TestMethod]
    public void Gateway_CrashesAtRandomWithBothQoS_NothingLostOrderKept() =>
        Chance.CheckSteps(AnyStep, 150, 15, steps => RunAsync(ProtocolVersion.V5, [QoS.ExactlyOnce, QoS.AtLeastOnce], steps).GetAwaiter().GetResult());

    private static async Task RunAsync(ProtocolVersion version, QoS[] qos, List<Step> steps)
    {
        BrokerOnDisk gateway = StartOn(new MemoryStorage(), version);
        LossyClient publisher = new(() => gateway, "publisher", version, receiveMaximum: 100);
        LossyClient subscriber = new(() => gateway, "subscriber", version, receiveMaximum: 3);
        await subscriber.ConnectAsync();
        await subscriber.SubscribeAsync("t");
        await publisher.ConnectAsync();

        foreach (Step step in steps)
        {
            for (int i = 0; step.Happening == Happening.Publish && i < step.Count; i++)
                publisher.Publish($"{publisher.Published.Count}", qos[publisher.Published.Count % qos.Length]);
            if (step.Happening is Happening.GatewayIsKilled or Happening.PowerGoes)
            {
                MemoryStorage left = gateway.Disk!.Crash(step.Happening == Happening.PowerGoes ? new Random(step.Count) : null);
                await publisher.BreakAsync();
                await subscriber.BreakAsync();
                await gateway.DisposeAsync();
                gateway = StartOn(left, version);
            }
            else
            {
                await HappenAsync(step, gateway, publisher, subscriber);
            }
        }

        await ReturnAsync(publisher);
        await ReturnAsync(subscriber);
        while (publisher.HasUnacknowledged)
            await publisher.SettleOneAsync();
        await subscriber.SettleAllAsync();

        string[] firsts = [.. subscriber.Delivered.Distinct()];
        CollectionAssert.AreEqual(publisher.Published, firsts, $"published {string.Join(' ', publisher.Published)}; delivered {string.Join(' ', subscriber.Delivered)}");
        foreach (string payload in subscriber.Delivered.GroupBy(d => d).Where(g => g.Count() > 1).Select(g => g.Key))
            Assert.AreEqual(QoS.AtLeastOnce, qos[int.Parse(payload) % qos.Length], $"{payload} was delivered more than once");
        gateway.AssertLedgerBalances();
        Assert.AreEqual(0, gateway.Look(b => b.Kept().Ledger[LedgerClass.Session].Pending));
        await gateway.DisposeAsync();
    }

    // Few in flight, so that many wait; what waits for a 5.0 client does so on the disk alone.
    private static BrokerOnDisk StartOn(MemoryStorage disk, ProtocolVersion version) => BrokerOnDisk.StartOn(disk, l =>
    {
        l.InflightMax = 4;
        l.WaitingMemoryBytesMax = version == ProtocolVersion.V5 ? 0 : l.WaitingMemoryBytesMax;
    });

    private static async Task HappenAsync(Step step, BrokerOnDisk gateway, LossyClient publisher, LossyClient subscriber)
    {
        switch (step.Happening)
        {
            case Happening.PublisherSends: await publisher.FlushAsync(step.Count); break;
            case Happening.PublisherReads: publisher.Read(step.Count); break;
            case Happening.SubscriberReads: subscriber.Read(step.Count); break;
            case Happening.SubscriberSends: await subscriber.FlushAsync(step.Count); break;
            case Happening.SubscriberBreaks: await subscriber.BreakAsync(); break;
            case Happening.TimePasses: gateway.Advance(step.Count); break;
            case Happening.BothReturn:
                await ReturnAsync(publisher);
                await ReturnAsync(subscriber);
                break;
        }
    }

    private static Task ReturnAsync(LossyClient client) => client.IsConnected ? Task.CompletedTask : client.ConnectAsync();
}
