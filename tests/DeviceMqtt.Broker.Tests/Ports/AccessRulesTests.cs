using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>When the broker asks <see cref="IClientRights.MayPublish"/>, and what becomes of what is refused.</summary>
[TestClass]
internal sealed class AccessRulesTests
{
    [TestMethod]
    public async Task MayPublish_NobodyElsePublishesThere_AskedOnceForEachTopic()
    {
        Rules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient client = await broker.ConnectAsync("client");
        foreach (string topic in new[] { "a", "a", "b", "b", "b", "a" })
            await client.PublishAsync(topic, "", QoS.AtLeastOnce);
        CollectionAssert.AreEqual(new[] { "a", "b" }, rules.Asked);
    }

    [TestMethod]
    public async Task MayPublish_AnotherClientWithTheSameTopic_AskedAgain()
    {
        Rules rules = new();
        await using TestBroker broker = Start(rules);
        await (await broker.ConnectAsync("one")).PublishAsync("a", "", QoS.AtLeastOnce);
        await (await broker.ConnectAsync("other")).PublishAsync("a", "", QoS.AtLeastOnce);
        CollectionAssert.AreEqual(new[] { "a", "a" }, rules.Asked);
    }

    [TestMethod]
    public async Task MayPublish_TopicAlias_AskedForItsTopic()
    {
        Rules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient client = await broker.ConnectAsync("client", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.NotAuthorized, await client.PublishAsync("closed/a", "", QoS.AtLeastOnce, properties: Alias));
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await client.PublishAsync("open", "", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.NotAuthorized, await client.PublishAsync("", "", QoS.AtLeastOnce, properties: Alias));
        CollectionAssert.AreEqual(new[] { "closed/a", "open" }, rules.Asked);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, (byte)ConnectReturnCode.NotAuthorized)]
    [DataRow(ProtocolVersion.V5, (byte)ReasonCode.NotAuthorized)]
    public async Task CONNECT_WillToClosedTopic_Refused(ProtocolVersion version, byte code)
    {
        Rules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient client = broker.Open(version);
        ConnAckPacket connAck = await client.ConnectAsync("client", will: Will("closed/will"));
        Assert.AreEqual(code, connAck.Code);
        await client.ExpectCloseAsync(CloseReason.NotAuthorized);
        CollectionAssert.AreEqual(new[] { "closed/will" }, rules.Asked);
    }

    [TestMethod]
    public async Task CONNECT_WillToOpenTopic_AskedAtConnectAndAgainWhenItGoesOut()
    {
        Rules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient watcher = await broker.ConnectAsync("watcher");
        await watcher.SubscribeAsync("open/#", QoS.AtMostOnce);
        TestClient client = await broker.ConnectAsync("client", will: Will("open/will"));
        await client.DropAsync();
        Assert.AreEqual("open/will", (await watcher.ReceivePublishAsync()).Topic);
        CollectionAssert.AreEqual(new[] { "open/will", "open/will" }, rules.Asked);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, QoS.AtMostOnce, ReasonCode.Success)]
    [DataRow(ProtocolVersion.V311, QoS.AtLeastOnce, ReasonCode.Success)]
    [DataRow(ProtocolVersion.V311, QoS.ExactlyOnce, ReasonCode.Success)]
    [DataRow(ProtocolVersion.V5, QoS.AtMostOnce, ReasonCode.Success)]
    [DataRow(ProtocolVersion.V5, QoS.AtLeastOnce, ReasonCode.NotAuthorized)]
    [DataRow(ProtocolVersion.V5, QoS.ExactlyOnce, ReasonCode.NotAuthorized)]
    public async Task PUBLISH_Refused_AnsweredAsTheVersionCanAndNotDelivered(ProtocolVersion version, QoS qos, ReasonCode answer)
    {
        await using TestBroker broker = Start(new Rules());
        TestClient watcher = await broker.ConnectAsync("watcher");
        await watcher.SubscribeAsync("#", QoS.AtMostOnce);
        TestClient client = await broker.ConnectAsync("client", version);
        Assert.AreEqual(answer, await client.PublishAsync("closed/a", "no", qos));
        // What is allowed arrives, and nothing before it.
        await client.PublishAsync("open", "yes");
        Assert.AreEqual("open", (await watcher.ReceivePublishAsync()).Topic);
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.NotAllowed));
    }

    private static TestBroker Start(IAccessRules rules) => TestBroker.Start(null, ground => ground.Access = rules);

    private static void Alias(PropertyWriter properties) => properties.Add(PropertyId.TopicAlias, 1u);

    private static WillMessage Will(string topic) => new() { Topic = topic, Payload = [], QoS = QoS.AtMostOnce, Properties = new WillProperties() };

    /// <summary>Nobody publishes below <c>closed/</c>. Writes down what it is asked.</summary>
    private sealed class Rules : IAccessRules
    {
        public List<string> Asked { get; } = [];

        public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(ClientRole.Device) { Rights = NewRights() };

        public Admission Recall(string clientId, string? userName, ClientRole role) => new(role) { Rights = NewRights() };

        private TestRights NewRights() => new() { Asked = Asked, Publish = static topic => !topic.StartsWith("closed/", StringComparison.Ordinal) };
    }
}
