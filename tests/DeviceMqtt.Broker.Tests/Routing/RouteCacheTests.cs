using System.Reflection;
using System.Text;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Routing;

[TestClass]
internal sealed class RouteCacheTests
{
    private readonly TopicTree _tree = new();
    private readonly GatewayLimits _limits = new() { RouteCacheMax = 5, TopicLevelsMax = 4 };

    private RouteCache Cache => field ??= new RouteCache(_tree, _limits);

    private Route Get(string topic)
    {
        Assert.IsTrue(Cache.TryGet(Encoding.UTF8.GetBytes(topic), out Route route, out string wrong), wrong);
        return route;
    }

    [TestMethod]
    public void Route_AfterSubscribeAndUnsubscribe_IsRefreshed()
    {
        Session session = Make.Session("a");
        Route route = Get("t/x");
        Assert.IsEmpty(route.Recipients);
        _tree.Set(new Subscription(session, Make.Filter("t/+")));
        Assert.AreSame(route, Get("t/x"));
        Assert.AreSame(session, route.Recipients.Single().Subscriber);
        _tree.Set(new Subscription(session, Make.Filter("$share/g/t/+")));
        Assert.HasCount(1, Get("t/x").Groups);
        _ = _tree.Remove(session, Make.Filter("t/+"));
        _ = _tree.Remove(session, Make.Filter("$share/g/t/+"));
        Cache.Refresh(route);
        Assert.IsEmpty(route.Recipients);
        Assert.IsEmpty(route.Groups);
    }

    // 2^32 changes are some months of a client that subscribes and unsubscribes all the time: a new route was taken for one that is up to date, and its messages for nobody's.
    [TestMethod]
    public void Route_AfterTwoToTheThirtyTwoChanges_IsMatchedAllTheSame()
    {
        Session session = Make.Session("a");
        _tree.Set(new Subscription(session, Make.Filter("t/+")));
        Set("_versionOfAll", -1L - _tree.VersionAt(TopicTree.PlaceOf("t/x")) + 1);
        Set("_matchNumber", uint.MaxValue);
        _tree.MatchAnew();
        Assert.HasCount(1, Get("t/x").Recipients);
    }

    private void Set(string counter, long value)
    {
        FieldInfo field = typeof(TopicTree).GetField(counter, BindingFlags.Instance | BindingFlags.NonPublic)!;
        field.SetValue(_tree, field.FieldType == typeof(long) ? value & uint.MaxValue : (object)(int)value);
    }

    // Who subscribes and unsubscribes all the time has nobody else look for its subscribers anew.
    [TestMethod]
    public void Route_SubscriptionsToOtherTopics_IsNotMatchedAnew()
    {
        Session session = Make.Session("a");
        _tree.Set(new Subscription(session, Make.Filter("t/+")));
        Route route = Get("t/x");
        Recipient[] found = route.Recipients;
        string other = Enumerable.Range(0, 100).Select(i => $"other{i}").First(name => TopicTree.PlaceOf(name) != route.Place);
        _tree.Set(new Subscription(session, Make.Filter($"{other}/#")));
        _tree.Set(new Subscription(session, Make.Filter($"$share/g/{other}")));
        _ = _tree.Remove(session, Make.Filter($"{other}/#"));
        Assert.AreSame(found, Get("t/x").Recipients);
        _tree.Set(new Subscription(session, Make.Filter("+/x")));
        Assert.AreNotSame(found, found = Get("t/x").Recipients);
        _tree.Set(new Subscription(session, Make.Filter("t")));
        Assert.AreNotSame(found, Get("t/x").Recipients);
    }

    // A Session with hundreds of filters that overlap, each with an identifier: each message of others would have gone through all of them for each.
    [TestMethod]
    public void Match_ManyIdentifiersOfOneSubscriber_ItsOtherSubscriptionsAreNotLookedAt()
    {
        TopicTree tree = new(isSeparate: true);
        Hidden subscriber = new();
        for (uint i = 1; i <= 3; i++)
            tree.Set(new Subscription(subscriber, Make.Filter(string.Concat(Enumerable.Repeat("+/", (int)i)) + "#")) { Identifier = i, QoS = (QoS)(i - 1) });
        tree.Set(new Subscription(subscriber, Make.Filter("#")) { QoS = QoS.AtLeastOnce });
        List<Recipient> recipients = [];
        tree.Match("a/b/c/d", recipients, []);
        CollectionAssert.AreEquivalent((uint[])[1, 2, 3], recipients.Select(static r => r.Identifiers!.Single()).ToArray());
        Assert.AreEqual(QoS.AtLeastOnce, recipients.Single(static r => r.TakesOthers).QoS, "the one without an identifier goes along with the first that was found");
    }

    private sealed class Hidden() : Subscriber("hidden")
    {
        public override bool IsConnected => true;

        public override bool IsBacklogged => false;

        public override int PacketBytesMax => int.MaxValue;

        public override IReadOnlyCollection<Subscription> Subscriptions => throw new AssertFailedException("all of its subscriptions are looked at");
    }

    [TestMethod]
    public void Route_HeldWhileTheCacheStartsAnew_StillRefreshed()
    {
        Route held = Get("t/0");
        for (int i = 1; i <= 5; i++)
            _ = Get($"t/{i}");
        Assert.IsLessThanOrEqualTo(5, Cache.Count);
        _tree.Set(new Subscription(Make.Session("a"), Make.Filter("#")));
        Cache.Refresh(held);
        Assert.HasCount(1, held.Recipients);
    }

    [TestMethod]
    public void Route_OfP2P_HasATargetAndNoSubscribers()
    {
        _tree.Set(new Subscription(Make.Session("a"), Make.Filter("#")));
        Route route = Get("dm/p2p/board");
        Assert.AreEqual("board", route.P2PTarget);
        Assert.IsEmpty(route.Recipients);
        Assert.IsNull(Get("dm/p2p/board/x").P2PTarget);
    }

    [TestMethod]
    [DataRow("$SYS/x", true)]
    [DataRow("$gw/x", true)]
    [DataRow("$SYSTEM/x", false)]
    [DataRow("a/$SYS/x", false)]
    public void Route_OfTheGatewaysTopics_IsReserved(string topic, bool reserved) => Assert.AreEqual(reserved, Get(topic).IsReserved);

    [TestMethod]
    [DataRow("a/+")]
    [DataRow("#")]
    [DataRow("a\0b")]
    [DataRow("")]
    [DataRow("1/2/3/4/5")]
    public void Route_OfATopicThatIsNone_Refused(string topic)
    {
        Assert.IsFalse(Cache.TryGet(Encoding.UTF8.GetBytes(topic), out _, out string wrong));
        Assert.IsGreaterThan(10, wrong.Length);
        Assert.AreEqual(0, Cache.Count);
    }

    [TestMethod]
    public void Route_ByTextAndByBytes_IsTheSame()
    {
        Assert.AreSame(Get("größe/x"), Cache.Get("größe/x"));
        Assert.AreEqual(1, Cache.Count);
    }

    [TestMethod]
    public void Route_TopicsOfManyLengthsThatDifferInOneByte_ToldApart()
    {
        _limits.RouteCacheMax = 10_000;
        for (int length = 1; length <= 40; length++)
        {
            for (int at = 0; at < length; at++)
            {
                char[] topic = new string('a', length).ToCharArray();
                topic[at] = 'b';
                Assert.AreEqual(new string(topic), Get(new string(topic)).Topic);
            }
        }

        Assert.AreEqual(40 * 41 / 2, Cache.Count);
    }

    [TestMethod]
    public void Route_OfAVeryLongTopic_NotKept() // or the cache would be bounded in number and not in bytes
    {
        string topic = new('x', 60_000);
        Assert.AreEqual(topic, Get(topic).Topic);
        Assert.AreEqual(0, Cache.Count);
    }

    [TestMethod]
    public void Route_OfTheRelay_AskedOncePerTopic()
    {
        List<string> asked = [];
        Cache.IsRelayed = topic =>
        {
            asked.Add(topic);
            return topic.StartsWith("dm/", StringComparison.Ordinal);
        };
        Assert.IsTrue(Get("dm/a").IsRelayed);
        Assert.IsTrue(Get("dm/a").IsRelayed);
        Assert.IsFalse(Get("local").IsRelayed);
        CollectionAssert.AreEqual(new[] { "dm/a", "local" }, asked);
    }
}
