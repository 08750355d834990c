using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Sending;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Who goes first when many wait, how fast, and who is too old to go.</summary>
[TestClass]
public sealed class RelayClassTests
{
    private readonly BrokerCounters _counters = Make.Counters();

    [TestMethod]
    public void Classes_WaitingSideBySide_EachGetsItsShareInItsOrder()
    {
        RelayBuffer buffer = Create(Rule("h", RelayClass.High), Rule("n", RelayClass.Normal), Rule("l", RelayClass.Low));
        for (int i = 0; i < 100; i++)
            foreach (string topic in new[] { "l", "n", "h" })
                buffer.Add(Messages.Of(topic, $"{i}"));

        List<Message> first = [.. Take(buffer, 130)];

        Assert.AreEqual((80, 40, 10), (first.Count(m => m.Topic == "h"), first.Count(m => m.Topic == "n"), first.Count(m => m.Topic == "l")));
        List<Message> all = [.. first, .. Take(buffer, 1000)];
        foreach (string topic in new[] { "h", "n", "l" })
            CollectionAssert.AreEqual(Enumerable.Range(0, 100).Select(i => $"{i}").ToArray(), all.Where(m => m.Topic == topic).Select(m => System.Text.Encoding.UTF8.GetString(m.Payload)).ToArray());
    }

    [TestMethod]
    public void Events_OfOurBoards_BeforeABacklogOfReadingsWithoutAnyRule()
    {
        RelayBuffer buffer = Create();
        for (int i = 0; i < 50; i++)
            buffer.Add(Messages.Of("dm/b/tele/t", $"{i}"));
        buffer.Add(Messages.Of("dm/b/evt/alarm", "fire"));

        Assert.AreEqual("dm/b/evt/alarm", Take(buffer, 1).Single().Topic);
    }

    [TestMethod]
    public void RelayMessagesMax_Reached_LowestClassDroppedFirst()
    {
        RelayBuffer buffer = Create(3, Rule("h", RelayClass.High), Rule("l", RelayClass.Low));
        buffer.Add(Messages.Of("h", "1"));
        buffer.Add(Messages.Of("l", "2"));
        buffer.Add(Messages.Of("h", "3"));

        buffer.Add(Messages.Of("h", "4"));
        buffer.Add(Messages.Of("h", "5"));

        CollectionAssert.AreEqual(new[] { "3", "4", "5" }, Take(buffer, 10).Select(m => System.Text.Encoding.UTF8.GetString(m.Payload)).ToArray());
        Assert.AreEqual(2, _counters.Dropped(DropReason.RelayFull));
    }

    [TestMethod]
    public void MaxAgeSeconds_OfTheRule_EnforcedWhenItsTurnComes()
    {
        RelayBuffer buffer = Create(new RelayRule { Filter = "t", MaxAgeSeconds = 10 }, new RelayRule { Filter = "u" });
        buffer.Add(Messages.Of("t", "old", acceptedMs: 0));
        buffer.Add(Messages.Of("u", "never too old", acceptedMs: 0));
        buffer.Add(Messages.Of("t", "young", acceptedMs: 5_000));

        CollectionAssert.AreEqual(new[] { "never too old", "young" }, Take(buffer, 10, nowMs: 10_001).Select(m => System.Text.Encoding.UTF8.GetString(m.Payload)).ToArray());
        Assert.AreEqual(1, _counters.Dropped(DropReason.Expired));
    }

    // Others say "u" to be High, too, and it may be at once: nothing of it waits in another class.
    [TestMethod]
    public void Rules_ChangedWhileMessagesWait_NoNewerOneOfATopicOvertakes()
    {
        RelayOptions options = new() { Rules = [Rule("t", RelayClass.Low), Rule("u", RelayClass.High)] };
        RelayTopics topics = new(options);
        RelayBuffer buffer = new(new GatewayLimits(), Make.Custody(_counters), new Account(long.MaxValue), "upstream", topics, Messages.BegunTurn(), static _ => false);
        Add("t", "1");
        Add("t", "2");
        Add("u", "a");
        Change(RelayClass.High, RelayClass.High);
        Add("t", "3");
        Add("u", "b");
        Change(RelayClass.Low, RelayClass.Normal); // back while they wait
        Add("t", "4");
        Change(RelayClass.High, RelayClass.Normal);
        Add("t", "5");
        Add("u", "c");

        string[] order = [.. Take(buffer, 20).Select(m => System.Text.Encoding.UTF8.GetString(m.Payload))];
        CollectionAssert.AreEqual(new[] { "1", "2", "3", "4", "5" }, order.Where(static p => p[0] < 'a').ToArray());
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, order.Where(static p => p[0] >= 'a').ToArray());

        // From here on as the rules say.
        Add("u", "normal");
        Add("t", "high");
        CollectionAssert.AreEqual(new[] { "high", "normal" }, Take(buffer, 20).Select(m => System.Text.Encoding.UTF8.GetString(m.Payload)).ToArray());

        void Add(string topic, string payload) => _ = buffer.Add(Messages.Of(topic, payload));

        void Change(RelayClass ofT, RelayClass ofU)
        {
            buffer.RulesChange();
            options.Rules = [Rule("t", ofT), Rule("u", ofU)];
            topics.RulesChanged();
        }
    }

    // A flood that was moved down used to keep its old class for as long as it came faster than it was taken, and everything of that class with it.
    [TestMethod]
    public void Rules_MoveAFloodDown_NewOnesWaitBelowFromThenOn()
    {
        RulesThatChange rules = new(_counters, ("flood", RelayClass.High), ("alarm", RelayClass.High), ("other", RelayClass.Low));
        for (int i = 0; i < 20; i++)
            rules.Add("flood");
        rules.Change(("flood", RelayClass.Low), ("alarm", RelayClass.High), ("other", RelayClass.Low));
        int sent = 0;
        for (int i = 0; i < 200; i++)
        {
            rules.Add("flood");
            rules.Add("flood");
            sent += rules.Take(1).Length;
        }

        rules.Add("alarm");
        Assert.AreEqual(200, sent);
        Assert.AreEqual("alarm", rules.Take(1).Single().Topic);
        rules.TakeAllInOrder();
    }

    // One that was moved up keeps its class until what waits of it has left, and nobody else is kept with it.
    [TestMethod]
    public void Rules_MoveTopicsUp_OneThatIsAlwaysThereKeepsNoOtherBelow()
    {
        RulesThatChange rules = new(_counters, ("busy", RelayClass.Low), ("alarm", RelayClass.Low), ("low", RelayClass.Low));
        rules.Add("alarm");
        rules.Add("busy");
        rules.Change(("busy", RelayClass.High), ("alarm", RelayClass.High), ("low", RelayClass.Low));
        for (int i = 0; i < 50; i++)
        {
            rules.Add("busy");
            rules.Add("busy");
            rules.Add("low");
            Assert.HasCount(1, rules.Take(1));
        }

        rules.Add("alarm");
        Assert.AreEqual("alarm", rules.Take(1).Single().Topic);
        rules.TakeAllInOrder();
    }

    // More changes and topics than are told apart, whatever comes and goes between.
    [TestMethod]
    [DataRow(1, 5, 40), DataRow(2, 300, 40), DataRow(3, 3, 400), DataRow(4, 25_000, 3)]
    public void Rules_ChangedAgainAndAgain_NoNewerOneOfATopicOvertakesAndAllLeave(int seed, int topics, int changes)
    {
        Random random = new(seed);
        RulesThatChange rules = new(_counters);
        for (int change = 0; change < changes; change++)
        {
            RelayClass first = (RelayClass)random.Next(3);
            for (int i = 0; i < Math.Max(60, topics); i++)
            {
                rules.Add($"{random.Next(3)}/{random.Next(topics)}");
                if (random.Next(100) < 45)
                    _ = rules.Take(1 + random.Next(2));
            }

            if (random.Next(10) == 0)
                rules.TakeAllInOrder();
            rules.Change(("0/#", first), ("1/#", (RelayClass)random.Next(3)), ("2/#", (RelayClass)random.Next(3)));
        }

        rules.TakeAllInOrder();
    }

    private sealed class RulesThatChange
    {
        private readonly RelayOptions _options;
        private readonly RelayTopics _topics;
        private readonly Dictionary<string, int> _added = [];
        private readonly Dictionary<string, int> _taken = [];

        public RulesThatChange(BrokerCounters counters, params (string Filter, RelayClass Class)[] rules)
        {
            _options = new RelayOptions { Rules = [.. rules.Select(static r => Rule(r.Filter, r.Class))] };
            _topics = new RelayTopics(_options);
            Buffer = new RelayBuffer(new GatewayLimits(), Make.Custody(counters), new Account(long.MaxValue), "upstream", _topics, Messages.BegunTurn(), static _ => false);
        }

        public RelayBuffer Buffer { get; }

        public void Add(string topic) => _ = Buffer.Add(Messages.Of(topic, $"{_added[topic] = _added.GetValueOrDefault(topic) + 1}"));

        public void Change(params (string Filter, RelayClass Class)[] rules)
        {
            Buffer.RulesChange();
            _options.Rules = [.. rules.Select(static r => Rule(r.Filter, r.Class))];
            _topics.RulesChanged();
        }

        public Message[] Take(int count)
        {
            Message[] messages = [.. RelayClassTests.Take(Buffer, count)];
            foreach (Message message in messages)
            {
                int number = int.Parse(System.Text.Encoding.UTF8.GetString(message.Payload), System.Globalization.CultureInfo.InvariantCulture);
                Assert.IsGreaterThan(_taken.GetValueOrDefault(message.Topic), number, message.Topic);
                _taken[message.Topic] = number;
            }

            return messages;
        }

        public void TakeAllInOrder()
        {
            _ = Take(int.MaxValue);
            Assert.AreEqual(0, Buffer.Waiting);
            foreach ((string topic, int count) in _added)
                Assert.AreEqual(count, _taken[topic]);
        }
    }

    [TestMethod]
    public async Task ReplayPerSecondMax_HoldsBackWhatWaited_NotWhatHappensNow()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o =>
        {
            o.ReplayPerSecondMax = 10;
            o.Rules = [Rule("old", RelayClass.Low), Rule("now", RelayClass.Normal)];
        });
        await relay.PublishAsync("old", "1", "2", "3");
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(1));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        Assert.AreEqual("1", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.PublishAsync("now", "a", "b");

        Assert.AreEqual("a", (await peer.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("b", (await peer.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(2, relay.Look(s => s.Buffer.Waiting));
        // The gateway's clock stands still in this test; as it goes on, so does the backlog.
        relay.Gateway.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual("2", (await peer.ReceivePublishAndAckAsync()).Payload);
        relay.Gateway.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual("3", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public void MessagesPerSecondMax_OverTenSeconds_NotMoreAndNoBurst()
    {
        RateLimit limit = new(20);
        int sent = 0;
        for (long nowMs = 100_000; nowMs < 110_000; nowMs += 10)
        {
            int now = 0;
            while (limit.HasRoom(nowMs))
            {
                limit.Take();
                now++;
            }

            Assert.IsLessThanOrEqualTo(2, now);
            sent += now;
        }

        Assert.IsInRange(199, 202, sent);
    }

    [TestMethod]
    public async Task Profile_Aliyun_NoRetainNoWillShortTopicsQoS1()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Profile = "aliyun");
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Adapting), "RETAIN is cleared, no Will, topics longer than 64 characters stay here, at most 20 messages/s", StringComparison.Ordinal);
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        Assert.IsNull((await peer.ReceiveConnectAsync()).Will);
        await peer.SendConnAckAsync(0);
        Assert.IsFalse((await peer.ReceivePublishAndAckAsync()).Retain);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(1));
        TestClient board = await relay.Gateway.ConnectAsync("");

        _ = await board.PublishAsync(new string('t', 65), "stays", QoS.AtLeastOnce);
        _ = await board.PublishAsync("t", "goes", QoS.ExactlyOnce, retain: true);

        ReceivedPublish publish = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual(("goes", false), (publish.Payload, publish.Retain));
    }

    private static RelayRule Rule(string filter, RelayClass relayClass) => new() { Filter = filter, Class = relayClass };

    private RelayBuffer Create(params RelayRule[] rules) => Create(10_000, rules);

    private RelayBuffer Create(int messagesMax, params RelayRule[] rules) =>
        new(new GatewayLimits { RelayMessagesMax = messagesMax }, Make.Custody(_counters), new Account(long.MaxValue), "upstream", new RelayTopics(new RelayOptions { Rules = [.. rules] }), Messages.BegunTurn(), static _ => false);

    private static IEnumerable<Message> Take(RelayBuffer buffer, int count, long nowMs = 0)
    {
        while (count-- > 0 && buffer.TryTake(nowMs, out Message? message))
            yield return message!;
    }
}
