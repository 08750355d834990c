using System.Reflection;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Tracing;
using DeviceMqtt.Protocol;

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

    // One story that was kept once had every message of years looked at, and numbers come again: what became of another message was told of it.
    [TestMethod]
    [DataRow(false), DataRow(true, DisplayName = "its number has come again")]
    public void Story_OfARuleThatHasEnded_IsNoOtherMessages(bool hasComeAgain)
    {
        FakeTime time = new();
        Ground ground = new(time, new GatewayLimits());
        TraceBook book = new(new TraceOptions(), ground.Counters, ground.Turn);
        RouteCache routes = new(new TopicTree(), ground.Limits);
        _ = Do(() => book.TryKeep(new TraceRule(null, Make.Filter("a"), "a", ground.Turn.NowMs + 60_000)));
        uint number = Do(() => book.Accepted(new Publication { Route = routes.Get("a"), Payload = [], QoS = QoS.AtMostOnce, NowMs = ground.Turn.NowMs }));
        _ = Do(() => book.End("a"));
        if (hasComeAgain)
            typeof(TraceBook).GetField("_number", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(book, uint.MaxValue - 1);
        else
            time.Advance(TimeSpan.FromMinutes(2));

        _ = Do(() => book.Accepted(new Publication { Route = routes.Get("b"), Payload = [], QoS = QoS.AtMostOnce, NowMs = ground.Turn.NowMs }));
        for (int i = 0; i < 2; i++)
            _ = Do(() => Hand(book, number));

        Assert.HasCount(1, book.Kept.All, "it is there to be looked at");
        Assert.IsEmpty(book.Kept.All.First!.Value.Ways.Where(static way => way.Steps.Count > 1));

        T Do<T>(Func<T> act)
        {
            using Turn.Scope scope = ground.Turn.Enter();
            return act();
        }
    }

    private static bool Hand(TraceBook book, uint number)
    {
        book.Handed(number, entry: 0, DropOwner.Client("hall"), DeliveryResult.Sent, QoS.AtMostOnce, packetId: 0);
        return true;
    }
}
