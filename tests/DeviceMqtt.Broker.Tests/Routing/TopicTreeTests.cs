using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Broker.Tests.Routing;

/// <summary>The tree of subscriptions against a list that is searched filter by filter.</summary>
[TestClass]
internal sealed class TopicTreeTests
{
    private sealed record Step(bool Subscribe, int Session, string Filter, QoS QoS, bool NoLocal, bool RetainAsPublished, uint Identifier, string Topic);

    private static readonly Gen<Step> AnyStep =
        from subscribe in Gen.Elements(true, true, true, false)
        from session in Gen.Choose(0, 3)
        from filter in AnyTopic.FilterOrShared
        from qos in Gen.Elements(Enum.GetValues<QoS>())
        from noLocal in Gen.Elements(true, false)
        from retainAsPublished in Gen.Elements(true, false)
        from identifier in Gen.Choose(0, 5)
        from topic in AnyTopic.Name
        select new Step(subscribe, session, filter, qos, noLocal, retainAsPublished, (uint)identifier, topic);

    [TestMethod]
    public void Tree_AfterAnySubscriptions_MatchesAsANaiveSearchDoes() => Chance.CheckSteps(AnyStep, 60, 400, steps =>
    {
        Session[] sessions = [Make.Session("0"), Make.Session("1"), Make.Session("2"), Make.Session("3")];
        TopicTree tree = new();
        Dictionary<(int Session, string Filter), Subscription> model = [];
        foreach (Step step in steps)
        {
            Apply(step, sessions[step.Session], tree, model);
            Compare(Make.Topic(step.Topic), tree, model.Values);
        }

        foreach (((int session, string filter), _) in model.ToArray())
            Apply(new Step(false, session, filter, default, false, false, 0, ""), sessions[session], tree, model);
        foreach (Step step in steps)
            Compare(Make.Topic(step.Topic), tree, []);
    });

    private static void Apply(Step step, Session session, TopicTree tree, Dictionary<(int, string), Subscription> model)
    {
        TopicFilter filter = Make.Filter(step.Filter);
        long before = tree.VersionAt(TopicTree.PlaceOf(filter.Match));
        if (!step.Subscribe)
        {
            bool existed = model.Remove((step.Session, step.Filter));
            Assert.AreEqual(existed, tree.Remove(session, filter), $"remove {step.Filter}");
            Assert.AreEqual(existed, tree.VersionAt(TopicTree.PlaceOf(filter.Match)) != before);
            return;
        }

        Subscription subscription = new(session, filter)
        {
            QoS = step.QoS,
            NoLocal = step.NoLocal && !filter.IsShared,
            RetainAsPublished = step.RetainAsPublished,
            Identifier = step.Identifier,
        };
        tree.Set(subscription);
        model[(step.Session, step.Filter)] = subscription;
        Assert.AreNotEqual(before, tree.VersionAt(TopicTree.PlaceOf(filter.Match)));
    }

    private static void Compare(TopicName topic, TopicTree tree, IEnumerable<Subscription> all)
    {
        List<Recipient> subscribers = [];
        List<SharedGroup> groups = [];
        tree.Match(topic.Value, subscribers, groups);
        Subscription[] matching = [.. all.Where(s => s.Filter.Matches(topic))];
        string[] expected =
        [
            .. matching.Where(s => !s.Filter.IsShared).GroupBy(s => s.Subscriber).Select(g => Describe(
                g.Key, g.Max(s => s.QoS), g.All(s => s.NoLocal), g.Any(s => s.RetainAsPublished), g.Select(s => s.Identifier).Where(i => i != 0))),
        ];
        string[] actual = [.. subscribers.Select(s => Describe(s.Subscriber, s.QoS, s.NoLocal, s.RetainAsPublished, s.Identifiers ?? []))];
        CollectionAssert.AreEquivalent(expected, actual, $"{topic}: expected {string.Join(", ", expected)}; got {string.Join(", ", actual)}");
        Assert.AreEqual(matching.Where(s => s.Filter.IsShared).Select(s => s.Filter.Value).Distinct().Count(), groups.Count, $"groups of {topic}");
    }

    private static string Describe(Subscriber session, QoS qos, bool noLocal, bool retainAsPublished, IEnumerable<uint> identifiers) =>
        $"{session.ClientId} {qos}{(noLocal ? " no-local" : "")}{(retainAsPublished ? " as-published" : "")} [{string.Join(' ', identifiers.Order())}]";

    [TestMethod]
    public void Tree_ThousandsOnOneFilter_EachOnceAndRemovedInAnyOrder()
    {
        TopicTree tree = new();
        TopicFilter filter = Make.Filter("t/+");
        Session[] sessions = [.. Enumerable.Range(0, 3000).Select(i => Make.Session($"{i}"))];
        foreach (Session session in sessions)
            tree.Set(new Subscription(session, filter));
        Assert.AreEqual(3000, Count());
        tree.Set(new Subscription(sessions[7], filter) { QoS = QoS.ExactlyOnce }); // replaces
        Assert.AreEqual(3000, Count());
        Random random = new(1);
        random.Shuffle(sessions);
        for (int i = 0; i < sessions.Length; i++)
        {
            Assert.IsTrue(tree.Remove(sessions[i], filter));
            Assert.IsFalse(tree.Remove(sessions[i], filter));
            if (i % 500 == 0)
                Assert.AreEqual(2999 - i, Count());
        }

        Assert.AreEqual(0, Count());

        int Count()
        {
            List<Recipient> found = [];
            tree.Match("t/x", found, []);
            return found.Select(s => s.Subscriber).Distinct().Count();
        }
    }
}
