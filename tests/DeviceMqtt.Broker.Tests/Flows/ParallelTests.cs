using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Everything at once: the gateway runs in many threads over networks that take little at a time.</summary>
[TestClass]
internal sealed class ParallelTests
{
    private const int Publishers = 5;
    private const int MessagesEach = 300;
    private const int WindowOfAPublisher = 10;

    [TestMethod]
    public async Task Clients_InManyThreads_EachGetsAllInOrder()
    {
        // Queues that fill up: publishers are held back, nothing has to be dropped.
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax) = (20, 400));
        gateway.IsParallel = true;
        List<Task> all = [];
        foreach (QoS qos in Enum.GetValues<QoS>())
        {
            TestClient subscriber = await gateway.ConnectAsync($"subscriber-{qos}", qos == QoS.AtLeastOnce ? ProtocolVersion.V5 : ProtocolVersion.V311, networkBytes: 2000);
            await subscriber.SubscribeAsync("t/#", qos);
            all.Add(Task.Run(() => ReadAllAsync(subscriber)));
        }

        for (int i = 0; i < Publishers; i++)
        {
            TestClient publisher = await gateway.ConnectAsync($"publisher-{i}", networkBytes: 1000);
            int number = i;
            all.Add(Task.Run(() => PublishAllAsync(publisher, number)));
        }

        // One that fails is told at once: the others may wait for it for ever.
        while (all.Count > 0)
        {
            Task ended = await Patience.Within(Task.WhenAny(all), "the end of all flows");
            await ended;
            _ = all.Remove(ended);
        }

        Assert.AreEqual(0, Enum.GetValues<DropReason>().Sum(gateway.Counters.Dropped));
        Assert.AreEqual(Publishers * MessagesEach, gateway.Counters.MessagesReceived);
    }

    [TestMethod]
    public async Task Twins_TakeOverFromEachOtherInManyThreads_OneWillForEachThatWasClosed()
    {
        await using TestBroker gateway = TestBroker.Start();
        gateway.IsParallel = true;
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("presence/twin", QoS.AtLeastOnce);
        WillMessage will = new() { Topic = "presence/twin", Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce };
        const int each = 40;
        Lock opening = new();
        List<TestClient> all = [];
        Task[] twins = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < each; i++)
            {
                TestClient twin;
                lock (opening)
                    all.Add(twin = gateway.Open());
                await twin.SendConnectAsync("twin", will: will);
            }
        }))];
        await Patience.Within(Task.WhenAll(twins), "all connections");
        // All but the last are closed, those too that still waited for their CONNACK when a newer one came. They fight, so time has to pass.
        await Patience.Until(() =>
        {
            gateway.Time.Advance(TimeSpan.FromSeconds(1));
            return gateway.Counters.Closed(CloseReason.SessionTakenOver) == (4 * each) - 1 && gateway.Look(b => b.Sessions.Find("twin")!.IsConnected && gateway.Table.Count == 2);
        }, "the end of all but one");
        long wereConnected = gateway.Counters.ClientsConnected - 1; // without the watcher
        for (int i = 0; i < wereConnected - 1; i++)
            Assert.AreEqual("false", (await watcher.ReceivePublishAndAckAsync()).Payload);
        await watcher.ExpectNothingAsync(); // the last one lives
        Assert.AreEqual(2, gateway.Look(b => b.Sessions.Count));
        gateway.Stop();
        foreach (TestClient twin in all)
            await twin.WaitForEndAsync();
        Assert.AreEqual((4 * each) - 1, gateway.Counters.Closed(CloseReason.SessionTakenOver));
    }

    private static async Task PublishAllAsync(TestClient publisher, int number)
    {
        for (int sent = 0; sent < MessagesEach; sent += WindowOfAPublisher)
        {
            for (int i = 0; i < WindowOfAPublisher; i++)
                await publisher.SendPublishAsync($"t/{number}", $"{sent + i}", QoS.ExactlyOnce, packetId: (ushort)(i + 1));
            for (ushort id = 1; id <= WindowOfAPublisher; id++)
            {
                await publisher.ExpectAckAsync(PacketType.PubRec, id);
                await publisher.SendAckAsync(PacketType.PubRel, id);
            }

            for (ushort id = 1; id <= WindowOfAPublisher; id++)
                await publisher.ExpectAckAsync(PacketType.PubComp, id);
        }
    }

    private static async Task ReadAllAsync(TestClient subscriber)
    {
        int[] next = new int[Publishers];
        while (next.Sum() < Publishers * MessagesEach)
        {
            ReceivedPacket packet = await subscriber.ReceiveAsync();
            if (packet.Type == PacketType.PubRel)
            {
                await subscriber.SendAckAsync(PacketType.PubComp, ReceivedAck.From(packet, PacketType.PubRel, subscriber.Version).PacketId);
                continue;
            }

            ReceivedPublish publish = ReceivedPublish.From(packet, subscriber.Version);
            int number = publish.Topic[^1] - '0';
            Assert.AreEqual($"{next[number]++}", publish.Payload, $"of {publish} to a {subscriber.Version} client");
            if (publish.QoS != QoS.AtMostOnce)
                await subscriber.SendAckAsync(publish.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, publish.PacketId);
        }
    }
}
