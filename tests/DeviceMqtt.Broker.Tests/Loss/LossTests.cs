using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Broker.Tests.Loss;

/// <summary>
/// Both connections of a publisher and a subscriber with persistent Sessions break and come back at random. No message is
/// lost, none of QoS 2 comes twice, and the order is that of the publisher.
/// </summary>
[TestClass]
internal sealed class LossTests
{
    internal enum Happening
    {
        Publish,
        PublisherSends,
        PublisherReads,
        SubscriberReads,
        SubscriberSends,
        PublisherBreaks,
        SubscriberBreaks,
        PublisherTakesOver,
        SubscriberTakesOver,
        BothReturn,
        TimePasses,
    }

    internal sealed record Step(Happening Happening, int Count);

    private static readonly Gen<Step> AnyStep =
        from happening in Gen.Frequency(
            (8, Gen.Constant(Happening.Publish)),
            (6, Gen.Constant(Happening.PublisherSends)),
            (4, Gen.Constant(Happening.PublisherReads)),
            (6, Gen.Constant(Happening.SubscriberReads)),
            (5, Gen.Constant(Happening.SubscriberSends)),
            (1, Gen.Constant(Happening.PublisherBreaks)),
            (1, Gen.Constant(Happening.SubscriberBreaks)),
            (1, Gen.Constant(Happening.PublisherTakesOver)),
            (1, Gen.Constant(Happening.SubscriberTakesOver)),
            (3, Gen.Constant(Happening.BothReturn)),
            (1, Gen.Constant(Happening.TimePasses)))
        from count in Gen.Choose(1, 6)
        select new Step(happening, count);

    [TestMethod]
    [DataRow(ProtocolVersion.V311, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V311, QoS.ExactlyOnce)]
    [DataRow(ProtocolVersion.V5, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V5, QoS.ExactlyOnce)]
    public void Connections_BreakAtRandom_NothingLostNothingTwiceOrderKept(ProtocolVersion version, QoS qos) =>
        Chance.CheckSteps(AnyStep, 150, 60, steps => RunAsync(version, [qos], steps).GetAwaiter().GetResult());

    [TestMethod]
    [DataRow(ProtocolVersion.V31)]
    [DataRow(ProtocolVersion.V5)]
    public void Connections_BreakAtRandomWithBothQoS_NothingLostOrderKept(ProtocolVersion version) =>
        Chance.CheckSteps(AnyStep, 150, 60, steps => RunAsync(version, [QoS.ExactlyOnce, QoS.AtLeastOnce], steps).GetAwaiter().GetResult());

    private static async Task RunAsync(ProtocolVersion version, QoS[] qos, List<Step> steps)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 4);
        LossyClient publisher = new(() => gateway, "publisher", version, receiveMaximum: 100);
        LossyClient subscriber = new(() => gateway, "subscriber", version, receiveMaximum: 3);
        await subscriber.ConnectAsync();
        await subscriber.SubscribeAsync("t");
        await publisher.ConnectAsync();

        foreach (Step step in steps)
        {
            for (int i = 0; step.Happening == Happening.Publish && i < step.Count; i++)
                publisher.Publish($"{publisher.Published.Count}", qos[publisher.Published.Count % qos.Length]);
            await HappenAsync(step, gateway, publisher, subscriber);
        }

        await ReturnAsync(publisher);
        await ReturnAsync(subscriber);
        while (publisher.HasUnacknowledged)
            await publisher.SettleOneAsync();
        await subscriber.SettleAllAsync();

        string[] firsts = [.. subscriber.Delivered.Distinct()];
        CollectionAssert.AreEqual(publisher.Published, firsts, $"published {string.Join(' ', publisher.Published)}; delivered {string.Join(' ', subscriber.Delivered)}");
        string[] twice = [.. subscriber.Delivered.GroupBy(d => d).Where(g => g.Count() > 1).Select(g => g.Key)];
        foreach (string payload in twice)
            Assert.AreEqual(QoS.AtLeastOnce, qos[int.Parse(payload) % qos.Length], $"{payload} was delivered more than once");
        Assert.AreEqual(0, Enum.GetValues<DropReason>().Sum(gateway.Counters.Dropped));
        Assert.AreEqual((0, false, 0L), gateway.Look(b => (b.Sessions.Find("subscriber")!.InflightCount, b.Sessions.Find("subscriber")!.IsBacklogged, b.QueueBytes)));
    }

    private static async Task HappenAsync(Step step, TestBroker gateway, LossyClient publisher, LossyClient subscriber)
    {
        switch (step.Happening)
        {
            case Happening.PublisherSends: await publisher.FlushAsync(step.Count); break;
            case Happening.PublisherReads: publisher.Read(step.Count); break;
            case Happening.SubscriberReads: subscriber.Read(step.Count); break;
            case Happening.SubscriberSends: await subscriber.FlushAsync(step.Count); break;
            case Happening.PublisherBreaks: await publisher.BreakAsync(); break;
            case Happening.SubscriberBreaks: await subscriber.BreakAsync(); break;
            case Happening.PublisherTakesOver: await publisher.ConnectAsync(); break;
            case Happening.SubscriberTakesOver: await subscriber.ConnectAsync(); break;
            case Happening.TimePasses: gateway.Advance(step.Count); break;
            case Happening.BothReturn:
                await ReturnAsync(publisher);
                await ReturnAsync(subscriber);
                break;
        }
    }

    private static Task ReturnAsync(LossyClient client) => client.IsConnected ? Task.CompletedTask : client.ConnectAsync();
}
