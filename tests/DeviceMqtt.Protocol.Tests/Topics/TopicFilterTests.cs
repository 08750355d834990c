using System.Text;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Topic Filters (5.0, 4.7 and 4.8.2), with every example of the specification.</summary>
[TestClass]
public sealed class TopicFilterTests
{
    [TestMethod]
    [DataRow("sport/tennis/player1/#", "sport/tennis/player1", true)] // 4.7.1.2
    [DataRow("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [DataRow("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [DataRow("sport/tennis/player1/#", "sport/tennis/player10", false)]
    [DataRow("sport/#", "sport", true)]
    [DataRow("#", "sport", true)]
    [DataRow("#", "/", true)]
    [DataRow("#", "/a", true)]
    [DataRow("sport/tennis/#", "sport/tennis", true)]
    [DataRow("sport/tennis/+", "sport/tennis/player1", true)] // 4.7.1.3
    [DataRow("sport/tennis/+", "sport/tennis/player2", true)]
    [DataRow("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [DataRow("sport/+", "sport", false)]
    [DataRow("sport/+", "sport/", true)]
    [DataRow("+", "sport", true)]
    [DataRow("+", "sport/tennis", false)]
    [DataRow("+/tennis/#", "sport/tennis", true)]
    [DataRow("+/tennis/#", "sport/tennis/a/b", true)]
    [DataRow("sport/+/player1", "sport/tennis/player1", true)]
    [DataRow("sport/+/player1", "sport/tennis/player2", false)]
    [DataRow("sport/+/player1", "sport//player1", true)]
    [DataRow("+/+", "/finance", true)]
    [DataRow("/+", "/finance", true)]
    [DataRow("+", "/finance", false)]
    [DataRow("+/+/+", "a/b", false)]
    [DataRow("+/+/+", "//", true)]
    [DataRow("#", "$SYS/broker/uptime", false)] // 4.7.2
    [DataRow("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [DataRow("+/monitor/#", "$SYS/monitor/Clients", false)]
    [DataRow("+", "$SYS", false)]
    [DataRow("$SYS/#", "$SYS", true)]
    [DataRow("$SYS/#", "$SYS/monitor/Clients", true)]
    [DataRow("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [DataRow("a/#", "a/$SYS", true)] // $ counts at the first character only
    [DataRow("a/+", "a/$SYS", true)]
    [DataRow("ACCOUNTS", "Accounts", false)] // 4.7.3: case counts
    [DataRow("Accounts payable", "Accounts payable", true)]
    [DataRow("/finance", "finance", false)] // a leading / makes another topic
    [DataRow("finance/", "finance", false)]
    [DataRow("a/b", "a/b/c", false)]
    [DataRow("a/b/c", "a/b", false)]
    [DataRow("a/b/#", "a", false)]
    [DataRow("$share/consumer/sport/#", "sport/tennis", true)] // 4.8.2
    [DataRow("$share/consumer/sport/+", "sport/tennis/a", false)]
    [DataRow("$share/consumer//finance", "/finance", true)]
    [DataRow("$share/consumer/#", "$SYS/monitor", false)]
    [DataRow("$share/consumer/$SYS/#", "$SYS/monitor", true)]
    public void Filter_Matches_AsTheSpecificationSays(string filterText, string nameText, bool expected)
    {
        Assert.IsTrue(TopicFilter.TryParse(filterText, out TopicFilter filter, out MalformedReason reason), reason.ToText());
        Assert.IsTrue(TopicName.TryParse(nameText, out TopicName name, out _));
        Assert.AreEqual(expected, filter.Matches(name));
    }

    [TestMethod]
    [DataRow("a", false)]
    [DataRow("/", false)]
    [DataRow("#", true)]
    [DataRow("+", true)]
    [DataRow("/#", true)]
    [DataRow("+/+/#", true)]
    [DataRow("a/+/b", true)]
    [DataRow("$SYS/#", true)]
    [DataRow("$shared/a", false)]
    [DataRow("$sharex", false)]
    public void Filter_Plain_IsTheSameFromTextAndFromBytes(string text, bool hasWildcard)
    {
        Assert.IsTrue(TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason));
        Assert.AreEqual(MalformedReason.None, reason);
        Assert.IsTrue(TopicFilter.TryParse(Encoding.UTF8.GetBytes(text), out TopicFilter fromBytes, out _));
        Assert.AreEqual(filter, fromBytes);
        Assert.AreEqual(text, filter.Value);
        Assert.AreEqual(text, filter.Match);
        Assert.AreEqual(hasWildcard, filter.HasWildcard);
        Assert.IsFalse(filter.IsShared);
        Assert.IsNull(filter.ShareName);
    }

    [TestMethod]
    [DataRow("$share/consumer/sport/tennis/#", "consumer", "sport/tennis/#", true)]
    [DataRow("$share/g/a", "g", "a", false)]
    [DataRow("$share/g//a", "g", "/a", false)]
    [DataRow("$share/g//", "g", "/", false)]
    [DataRow("$share/$share/$share/x/y", "$share", "$share/x/y", false)]
    public void Filter_Shared_NameAndFilterApart(string text, string shareName, string match, bool hasWildcard)
    {
        Assert.IsTrue(TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason), reason.ToText());
        Assert.IsTrue(filter.IsShared);
        Assert.AreEqual(shareName, filter.ShareName);
        Assert.AreEqual(match, filter.Match);
        Assert.AreEqual(text, filter.Value);
        Assert.AreEqual(hasWildcard, filter.HasWildcard);
    }

    [TestMethod]
    [DataRow("", MalformedReason.TopicFilterEmpty)] // [MQTT-4.7.3-1]
    [DataRow("a\0", MalformedReason.Utf8NullCharacter)] // [MQTT-4.7.3-2]
    [DataRow("sport/tennis#", MalformedReason.TopicFilterWildcardMisplaced)] // [MQTT-4.7.1-1]
    [DataRow("sport/tennis/#/ranking", MalformedReason.TopicFilterWildcardMisplaced)]
    [DataRow("#/", MalformedReason.TopicFilterWildcardMisplaced)]
    [DataRow("##", MalformedReason.TopicFilterWildcardMisplaced)]
    [DataRow("#+", MalformedReason.TopicFilterWildcardMisplaced)]
    [DataRow("sport+", MalformedReason.TopicFilterWildcardMisplaced)] // [MQTT-4.7.1-2]
    [DataRow("++", MalformedReason.TopicFilterWildcardMisplaced)]
    [DataRow("a/+b/c", MalformedReason.TopicFilterWildcardMisplaced)]
    [DataRow("$share", MalformedReason.SharedSubscriptionInvalid)]
    [DataRow("$share/", MalformedReason.SharedSubscriptionInvalid)]
    [DataRow("$share//", MalformedReason.SharedSubscriptionInvalid)]
    [DataRow("$share//a", MalformedReason.SharedSubscriptionInvalid)] // [MQTT-4.8.2-1]
    [DataRow("$share/g", MalformedReason.SharedSubscriptionInvalid)] // [MQTT-4.8.2-2]
    [DataRow("$share/g/", MalformedReason.SharedSubscriptionInvalid)]
    [DataRow("$share/+/a", MalformedReason.SharedSubscriptionInvalid)]
    [DataRow("$share/g#/a", MalformedReason.SharedSubscriptionInvalid)]
    [DataRow("$share/g/a#", MalformedReason.TopicFilterWildcardMisplaced)]
    public void Filter_Unsound_IsRefusedForTheSameReasonFromTextAndFromBytes(string text, MalformedReason expected)
    {
        Assert.IsFalse(TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason));
        Assert.AreEqual(expected, reason);
        Assert.AreEqual(default, filter);
        Assert.IsFalse(TopicFilter.TryParse(Encoding.UTF8.GetBytes(text), out _, out reason));
        Assert.AreEqual(expected, reason);
    }

    [TestMethod]
    public void Filter_Default_MatchesNothing()
    {
        Assert.IsTrue(TopicName.TryParse("a", out TopicName name, out _));
        Assert.IsFalse(default(TopicFilter).Matches(name));
        Assert.AreEqual("", default(TopicFilter).Value);
        Assert.AreEqual("", default(TopicFilter).Match);
        Assert.IsNull(default(TopicFilter).ShareName);
    }
}
