using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Tracing;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>What is kept for longer because somebody asked for it.</summary>
[TestClass]
public sealed class TraceRuleTests
{
    [TestMethod]
    public void Book_NothingToNote_TheBrokerKnowsOfNobody()
    {
        Ground ground = new(new FakeTime(), new GatewayLimits());
        TraceBook book = new(new TraceOptions { BytesMax = 0 }, ground.Counters, ground.Turn);
        Assert.IsNull(ground.Counters.Trace);

        using Turn.Scope scope = ground.Turn.Enter();
        Assert.IsTrue(book.TryKeep(new TraceRule("kitchen", null, "kitchen", ground.Turn.NowMs + 60_000)));
        Assert.AreSame(book, ground.Counters.Trace);
        Assert.IsTrue(book.End("kitchen"));
        Assert.IsNull(ground.Counters.Trace);
    }

    [TestMethod]
    public void Book_RulesMax_NoMore()
    {
        Ground ground = new(new FakeTime(), new GatewayLimits());
        TraceBook book = new(new TraceOptions(), ground.Counters, ground.Turn);
        using Turn.Scope scope = ground.Turn.Enter();
        for (int i = 0; i < TraceBook.RulesMax; i++)
            Assert.IsTrue(book.TryKeep(new TraceRule($"c{i}", null, $"c{i}", ground.Turn.NowMs + 60_000)));

        Assert.IsFalse(book.TryKeep(new TraceRule("one more", null, "one more", ground.Turn.NowMs + 60_000)));
        Assert.IsTrue(book.TryKeep(new TraceRule("c3", null, "c3", ground.Turn.NowMs + 120_000)), "the same again is for longer");
    }
}
