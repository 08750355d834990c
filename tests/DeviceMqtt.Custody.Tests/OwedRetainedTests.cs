using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A subscriber is being given what is retained, and the gateway goes in the middle: the rest comes from the next one.</summary>
[TestClass]
internal sealed class OwedRetainedTests
{
    private const int Topics = 60;
    private const ushort Window = 5;

    /// <summary>A subscriber that does at QoS 2 what the specification asks of it, over all its connections.</summary>
    private sealed class Subscriber
    {
        private readonly HashSet<ushort> _open = [];

        /// <summary>How often each message came: what comes again under a Packet Identifier that is open does not count.</summary>
        public Dictionary<string, int> Times { get; } = [];

        /// <summary>The last of each topic.</summary>
        public Dictionary<string, string> Last { get; } = [];

        /// <summary>Takes packets until so many messages have come that had not come before.</summary>
        public async Task TakeAsync(TestClient client, int messages)
        {
            for (int until = Times.Count + messages; Times.Count < until;)
                await TakeAsync(client, await client.ReceiveAsync());
        }

        /// <summary>Takes whatever there is to come.</summary>
        public async Task TakeAllAsync(TestClient client)
        {
            for (int quiet = 0; quiet < 3;) // what an acknowledgement makes room for comes behind one answer, and its PUBREL behind another
            {
                await client.SendAsync(PingPackets.PingReq.ToArray());
                quiet++;
                for (ReceivedPacket packet = await client.ReceiveAsync(); packet.Type != PacketType.PingResp; packet = await client.ReceiveAsync())
                {
                    quiet = 0;
                    await TakeAsync(client, packet);
                }
            }
        }

        private async Task TakeAsync(TestClient client, ReceivedPacket packet)
        {
            if (packet.Type == PacketType.SubAck)
                return;
            if (packet.Type == PacketType.PubRel)
            {
                ushort released = ReceivedAck.From(packet, PacketType.PubRel, client.Version).PacketId;
                _ = _open.Remove(released);
                await client.SendAckAsync(PacketType.PubComp, released);
                return;
            }

            ReceivedPublish publish = ReceivedPublish.From(packet, client.Version);
            if (publish.QoS != QoS.ExactlyOnce || _open.Add(publish.PacketId))
            {
                Times[publish.Payload] = Times.GetValueOrDefault(publish.Payload) + 1;
                Last[publish.Topic] = publish.Payload;
            }

            if (publish.QoS != QoS.AtMostOnce)
                await client.SendAckAsync(publish.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, publish.PacketId);
        }
    }

    private static BrokerOnDisk Start(MemoryStorage disk, bool withSnapshots = false) => BrokerOnDisk.StartOn(disk, snapshotSteps: withSnapshots ? 7 : null);

    private static Task<TestClient> ConnectAsync(BrokerOnDisk gateway) => gateway.ConnectDurableAsync("s", ProtocolVersion.V5, receiveMaximum: Window);

    private static async Task<TestClient> RetainAsync(BrokerOnDisk gateway, QoS qos)
    {
        TestClient publisher = await gateway.ConnectAsync("p");
        for (int i = 0; i < Topics; i++)
            _ = await publisher.PublishAsync($"r/{i}", $"{i}", qos, retain: true);
        return publisher;
    }

    private static string[] Expected(int first = 0) => [.. Enumerable.Range(first, Topics - first).Select(static i => $"{i}").Order(StringComparer.Ordinal)];

    [TestMethod]
    [DataRow(QoS.AtLeastOnce, false)]
    [DataRow(QoS.ExactlyOnce, false)]
    [DataRow(QoS.ExactlyOnce, true)]
    public async Task Retained_KilledInTheMiddle_AllComeAndAtQoS2OnceEach(QoS qos, bool withSnapshots)
    {
        BrokerOnDisk gateway = Start(new MemoryStorage(), withSnapshots);
        _ = await RetainAsync(gateway, qos);
        TestClient client = await ConnectAsync(gateway);
        Subscriber subscriber = new();
        _ = await client.SubscribeAsync("r/#", qos);
        MemoryStorage left;
        for (int kill = 0; kill < 3; kill++)
        {
            await subscriber.TakeAsync(client, kill == 0 ? Topics / 4 : 5);
            gateway.Advance(1); // a snapshot, where there are any
            left = await gateway.CrashAsync();
            gateway = Start(left, withSnapshots);
            gateway.AssertLedgerBalances();
            client = await ConnectAsync(gateway);
        }

        await subscriber.TakeAllAsync(client);
        CollectionAssert.AreEqual(Expected(), subscriber.Times.Keys.Order(StringComparer.Ordinal).ToArray());
        if (qos == QoS.ExactlyOnce)
            Assert.AreEqual(1, subscriber.Times.Values.Max());

        // It has everything: no later gateway begins anew.
        await using BrokerOnDisk last = Start(await gateway.CrashAsync());
        client = await ConnectAsync(last);
        await subscriber.TakeAllAsync(client);
        if (qos == QoS.ExactlyOnce)
            Assert.AreEqual(1, subscriber.Times.Values.Max());
        Assert.AreEqual(0, last.Look(static b => b.Sessions.Find("s")!.Owed.Count()));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public async Task Retained_PowerCutInTheMiddle_AllComeOnce(int seed)
    {
        Random random = new(seed);
        BrokerOnDisk gateway = Start(new MemoryStorage(), withSnapshots: seed % 2 == 0);
        _ = await RetainAsync(gateway, QoS.ExactlyOnce);
        TestClient client = await ConnectAsync(gateway);
        Subscriber subscriber = new();
        _ = await client.SubscribeAsync("r/#", QoS.ExactlyOnce);
        for (int cut = 0; cut < 5; cut++)
        {
            await subscriber.TakeAsync(client, random.Next(1, 10));
            gateway.Advance(random.Next(2));
            gateway = Start(await gateway.CrashAsync(random), withSnapshots: seed % 2 == 0);
            client = await ConnectAsync(gateway);
        }

        await using BrokerOnDisk last = gateway;
        await subscriber.TakeAllAsync(client);
        CollectionAssert.AreEqual(Expected(), subscriber.Times.Keys.Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual(1, subscriber.Times.Values.Max());
    }

    // What was published after the subscription comes by itself, whether the rest is given before the end of the gateway or after it.
    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task Retained_ReplacedInTheMiddle_NewerStateOnceAndNeverBeforeAnOlder(QoS qos)
    {
        BrokerOnDisk gateway = Start(new MemoryStorage());
        TestClient publisher = await RetainAsync(gateway, qos);
        TestClient client = await ConnectAsync(gateway);
        Subscriber subscriber = new();
        _ = await client.SubscribeAsync("r/#", qos);
        await subscriber.TakeAsync(client, 10);
        for (int i = 0; i < Topics / 2; i++)
            _ = await publisher.PublishAsync($"r/{i}", $"newer {i}", qos, retain: true);
        _ = await publisher.PublishAsync("r/new", "of a new topic", qos, retain: true);
        _ = await publisher.PublishAsync("r/new", "", qos, retain: true); // the highest number is of a message that is gone

        gateway = Start(await gateway.CrashAsync());
        publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("r/later", "behind the restart", qos, retain: true);
        client = await ConnectAsync(gateway);
        await subscriber.TakeAllAsync(client);
        for (int i = 0; i < Topics; i++)
            Assert.AreEqual(i < Topics / 2 ? $"newer {i}" : $"{i}", subscriber.Last[$"r/{i}"]);
        Assert.AreEqual("behind the restart", subscriber.Last["r/later"]);
        if (qos == QoS.ExactlyOnce)
            Assert.AreEqual(1, subscriber.Times.Values.Max());
        await gateway.DisposeAsync();
    }

    // Clients subscribe anew each time they are back, and ask for what is retained only if the subscription is new.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Retained_SubscribedAnewWithoutAsking_TheRestComesAllTheSame(bool isKilled)
    {
        BrokerOnDisk gateway = Start(new MemoryStorage());
        _ = await RetainAsync(gateway, QoS.ExactlyOnce);
        TestClient client = await ConnectAsync(gateway);
        Subscriber subscriber = new();
        _ = await client.SubscribeAsync("r/#", QoS.ExactlyOnce, retainHandling: RetainHandling.SendIfNewSubscription);
        await subscriber.TakeAsync(client, 10);
        for (int again = 0; again < 2; again++)
        {
            await client.DropAsync();
            if (isKilled)
                gateway = Start(await gateway.CrashAsync());
            client = await ConnectAsync(gateway);
            await client.SendAsync(w => new SubscribePacket
            {
                PacketId = ushort.MaxValue,
                Requests = [new SubscriptionRequest(TestClient.Filter("r/#"), QoS.ExactlyOnce, NoLocal: false, RetainAsPublished: false, RetainHandling.SendIfNewSubscription)],
            }.Write(w, ProtocolVersion.V5));
            await subscriber.TakeAsync(client, 5);
        }

        await subscriber.TakeAllAsync(client);
        CollectionAssert.AreEqual(Expected(), subscriber.Times.Keys.Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual(1, subscriber.Times.Values.Max());
        await gateway.DisposeAsync();
    }

    // Asked for once more, it comes once more; and who has unsubscribed is owed nothing.
    [TestMethod]
    public async Task Retained_SubscribedAnewAndKilled_AllComeOnceMore()
    {
        BrokerOnDisk gateway = Start(new MemoryStorage());
        _ = await RetainAsync(gateway, QoS.ExactlyOnce);
        TestClient client = await ConnectAsync(gateway);
        Subscriber subscriber = new();
        _ = await client.SubscribeAsync("r/#", QoS.ExactlyOnce);
        await subscriber.TakeAllAsync(client);
        _ = await client.SubscribeAsync("r/#", QoS.ExactlyOnce);
        await using BrokerOnDisk after = Start(await gateway.CrashAsync());
        client = await ConnectAsync(after);
        await subscriber.TakeAllAsync(client);
        Assert.IsTrue(subscriber.Times.Values.All(static t => t == 2), string.Join(", ", subscriber.Times));
    }

    [TestMethod]
    public async Task Retained_UnsubscribedAndKilled_NothingIsOwed()
    {
        BrokerOnDisk gateway = Start(new MemoryStorage());
        _ = await RetainAsync(gateway, QoS.ExactlyOnce);
        TestClient client = await gateway.ConnectDurableAsync("s", ProtocolVersion.V5, receiveMaximum: 1);
        _ = await client.SubscribeAsync("r/#", QoS.ExactlyOnce);
        _ = await client.ReceivePublishAsync();
        _ = await client.UnsubscribeAsync("r/#");
        _ = await client.SubscribeAsync("r/#", QoS.ExactlyOnce, retainHandling: RetainHandling.DoNotSend);
        await using BrokerOnDisk after = Start(await gateway.CrashAsync());
        Assert.AreEqual(0, after.Look(static b => b.Sessions.Find("s")!.Owed.Count()));
    }
}
