using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Which topics go upstream, and under which name.</summary>
[TestClass]
public sealed class RelayTopicsTests
{
    [TestMethod]
    [DataRow("dm/board/tele/climate", true)]
    [DataRow("presence/board", true)]
    [DataRow("anything", true)]
    [DataRow("$SYS/broker/uptime", false)]
    [DataRow("$gw/presence/board", false)]
    public void Out_NotGiven_EverythingButReservedTopics(string topic, bool isWanted) =>
        Assert.AreEqual(isWanted, new RelayTopics(new RelayOptions()).Wants(topic));

    [TestMethod]
    [DataRow("dm/board/tele/climate", true)]
    [DataRow("$gw/presence/board", true)]
    [DataRow("presence/board", false)]
    public void Out_Given_WhatAnyFilterMatches(string topic, bool isWanted) =>
        Assert.AreEqual(isWanted, new RelayTopics(new RelayOptions { Out = ["dm/#", "$gw/presence/+"] }).Wants(topic));

    [TestMethod]
    public void Prefix_Given_StandsBeforeOrdinaryTopicsOnly()
    {
        RelayTopics topics = new(new RelayOptions { Prefix = "site 1/" });

        Assert.AreEqual("site 1/dm/b/info", Encoding.UTF8.GetString(topics.RouteOf(Messages.Of("dm/b/info", "x")).TopicUtf8));
        Assert.AreEqual("dm/p2p/app", Encoding.UTF8.GetString(topics.RouteOf(Messages.Of("dm/p2p/app", "x", isP2P: true)).TopicUtf8));
        Assert.AreEqual("site 1/a/longer/topic/than/before", Encoding.UTF8.GetString(topics.RouteOf(Messages.Of("a/longer/topic/than/before", "x")).TopicUtf8));
    }

    [TestMethod]
    public void Prefix_WouldMakeAnOrdinaryTopicACommand_NotWanted()
    {
        RelayTopics topics = new(new RelayOptions { Prefix = "site/" });

        Assert.IsFalse(topics.Wants("p2p/board"));
        Assert.IsTrue(topics.Wants("p2p/board/x"));
    }

    [TestMethod]
    public void Prefix_WouldMakeATopicTooLong_NotWanted()
    {
        string longest = new('t', 65_535);

        Assert.IsTrue(new RelayTopics(new RelayOptions()).Wants(longest));
        Assert.IsFalse(new RelayTopics(new RelayOptions { Prefix = "s/" }).Wants(longest));
    }

    [TestMethod]
    public void Presence_WithPrefix_WillAndMessageHaveTheSameTopic()
    {
        RelayOptions options = new() { ClientId = "gw", Prefix = "site/" };
        RelayTopics topics = new(options);
        UplinkPresence presence = new(options, topics);

        foreach (Message message in new[] { presence.Online, presence.Offline })
        {
            Assert.AreEqual("site/presence/gw", Encoding.UTF8.GetString(topics.RouteOf(message).TopicUtf8));
            Assert.IsTrue(message.Retain);
        }

        Assert.AreEqual("site/presence/gw", presence.Identity.Will!.Topic);
        Assert.AreEqual("false", Encoding.UTF8.GetString(presence.Identity.Will.Payload));
        Assert.IsTrue(presence.Identity.Will.Retain);
    }
}
