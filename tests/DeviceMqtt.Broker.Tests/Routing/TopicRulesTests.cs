using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Broker.Tests.Routing;

/// <summary>Section <c>Topics</c>.</summary>
[TestClass]
internal sealed class TopicRulesTests
{
    private static TopicRule Rule(string filter, bool durable = false) => new() { Filter = filter, Durable = durable };

    [TestMethod]
    public void Rules_SeveralMatch_FirstCounts()
    {
        TopicRules rules = new([Rule("dm/kitchen/#", durable: true), Rule("dm/+/tele/#")]);
        Assert.IsTrue(rules.IsVolatile("dm/hall/tele/temp"));
        Assert.IsFalse(rules.IsVolatile("dm/kitchen/tele/temp"));
        Assert.IsFalse(rules.IsVolatile("dm/hall/info"));
        Assert.IsFalse(new TopicRules([Rule("#")]).IsVolatile("$SYS/broker/uptime"));
        Assert.IsFalse(new TopicRules([]).IsVolatile("a"));
    }

    [TestMethod]
    [DataRow("", "Topics:1:Filter")]
    [DataRow("a/#/b", "Topics:1:Filter")]
    [DataRow("$share/g/a", "must not begin with $")]
    [DataRow("$gw/#", "must not begin with $")]
    public void Rule_WrongFilter_Named(string filter, string expected) =>
        Assert.Contains(expected, TopicRules.Check([Rule("a"), Rule(filter)])!, StringComparison.Ordinal);

    [TestMethod]
    public void Rules_Sound_NothingSaid() => Assert.IsNull(TopicRules.Check([Rule("a/+"), Rule("#", durable: true)]));
}
