using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Limits;

/// <summary>Who publishes little, as a board does, does not wait for subscribers of others that take less than they are sent.</summary>
[TestClass]
internal sealed class LightPublisherTests
{
    private const int MessagesInASecond = 50;
    private const int Remembered = 16;
    private static readonly IPEndPoint Stranger = new(IPAddress.Parse("10.0.0.1"), 1000);
    private static readonly IPEndPoint Home = new(IPAddress.Parse("10.0.0.2"), 1000);

    /// <summary>A hundred deliveries of one message counted as a hundred messages, and a board waited a second after each.</summary>
    [TestMethod]
    public async Task Message_ToManySlowSubscribersOfAStranger_CountsOnce()
    {
        await using TestBroker gateway = Start();
        TestClient stranger = await ConnectAsync(gateway, "stranger", Stranger);
        for (int i = 0; i < 60; i++)
            Assert.AreEqual(ReasonCode.GrantedQoS1, await stranger.SubscribeAsync($"$share/{i}/#", QoS.AtLeastOnce));
        TestClient board = await ConnectAsync(gateway, "board", Home);
        _ = await FillAsync(gateway, board, "stranger");
        for (int i = 1; i < MessagesInASecond; i++)
            await board.PublishAsync("reading", "x", QoS.AtLeastOnce);
    }

    [TestMethod]
    public async Task Publisher_OfMoreThanABoardHas_IsHeldBack()
    {
        await using TestBroker gateway = Start();
        TestClient stranger = await ConnectAsync(gateway, "stranger", Stranger);
        _ = await stranger.SubscribeAsync("#", QoS.AtLeastOnce);
        TestClient flood = await ConnectAsync(gateway, "flood", Home);
        int published = await FillAsync(gateway, flood, "stranger") + MessagesInASecond; // the last of the first counts, too
        for (int i = 0; i < MessagesInASecond; i++)
            await flood.PublishAsync("reading", "x", QoS.AtLeastOnce);
        await flood.SendPublishAsync("reading", "x", QoS.AtLeastOnce, packetId: 1000);
        Assert.AreEqual(published, gateway.Counters.MessagesReceived, "it was not held back");
        gateway.Advance(1.1);
        await flood.ExpectAckAsync(PacketType.PubAck, 1000);
    }

    [TestMethod]
    public async Task Subscribers_OfThePublishersOwnUser_HoldItBack()
    {
        await using TestBroker gateway = Start();
        TestClient own = await ConnectAsync(gateway, "own", Home);
        _ = await own.SubscribeAsync("#", QoS.AtLeastOnce);
        TestClient board = await ConnectAsync(gateway, "board", Home);
        int published = await FillAsync(gateway, board, "own");
        await board.SendPublishAsync("reading", "x", QoS.AtLeastOnce, packetId: 1000);
        Assert.AreEqual(published, gateway.Counters.MessagesReceived, "it was not held back");
    }

    // The gateway remembers 16 of those that a client waits for, and the client is not to wait for the first of them alone.
    [TestMethod]
    public async Task Publisher_OfSeveralSlowSubscribers_IsReadWhenAllHaveRoom()
    {
        await using TestBroker gateway = Start();
        List<TestClient> slow = await SubscribeAsync(gateway, Remembered);
        TestClient board = await ConnectAsync(gateway, "board", Home);
        int published = await FillAsync(gateway, board, "slow-0");
        await board.SendPublishAsync("reading", "x", QoS.AtLeastOnce, packetId: 1000);
        foreach (TestClient client in slow)
        {
            Assert.AreEqual(published, gateway.Counters.MessagesReceived, "released before all have room");
            await TakeTwoAsync(client);
        }

        await board.ExpectAckAsync(PacketType.PubAck, 1000);
    }

    [TestMethod]
    public async Task Publisher_OfMoreSlowSubscribersThanAreRemembered_WaitsForTheOthersBehindTheNextMessage()
    {
        await using TestBroker gateway = Start();
        List<TestClient> slow = await SubscribeAsync(gateway, Remembered + 4);
        TestClient board = await ConnectAsync(gateway, "board", Home);
        int published = await FillAsync(gateway, board, "slow-0");
        await board.SendPublishAsync("reading", "x", QoS.AtLeastOnce, packetId: 1000);
        foreach (TestClient client in slow[..Remembered])
            await TakeTwoAsync(client);
        await board.ExpectAckAsync(PacketType.PubAck, 1000);

        await board.SendPublishAsync("reading", "x", QoS.AtLeastOnce, packetId: 1001);
        foreach (TestClient client in slow[Remembered..])
        {
            Assert.AreEqual(published + 1, gateway.Counters.MessagesReceived, "released before all have room");
            await TakeTwoAsync(client);
        }

        foreach (TestClient client in slow[..Remembered])
            await TakeTwoAsync(client);
        await board.ExpectAckAsync(PacketType.PubAck, 1001);
    }

    [TestMethod]
    public async Task Publisher_OfOneThatTakesNothing_WaitsInAllAsLongAsForOne()
    {
        await using TestBroker gateway = Start();
        List<TestClient> slow = await SubscribeAsync(gateway, 3);
        TestClient board = await ConnectAsync(gateway, "board", Home);
        int published = await FillAsync(gateway, board, "slow-0");
        await board.SendPublishAsync("reading", "x", QoS.AtLeastOnce, packetId: 1000);
        gateway.Advance(0.9);
        await TakeTwoAsync(slow[0]);
        Assert.AreEqual(published, gateway.Counters.MessagesReceived, "released before all have room");
        gateway.Advance(0.2);
        await board.ExpectAckAsync(PacketType.PubAck, 1000);
    }

    private static async Task<List<TestClient>> SubscribeAsync(TestBroker gateway, int count)
    {
        List<TestClient> slow = [];
        for (int i = 0; i < count; i++)
        {
            slow.Add(await ConnectAsync(gateway, $"slow-{i}", Home));
            _ = await slow[i].SubscribeAsync("reading", QoS.AtLeastOnce);
        }

        return slow;
    }

    // Room for the next, and a little more.
    private static async Task TakeTwoAsync(TestClient client)
    {
        for (int i = 0; i < 2; i++)
            _ = await client.ReceivePublishAndAckAsync();
    }

    private static TestBroker Start() =>
        TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax) = (1, 100), ground => ground.Access = new EverybodyIs(ClientRole.Device));

    private static async Task<TestClient> ConnectAsync(TestBroker gateway, string clientId, IPEndPoint remote)
    {
        TestClient client = gateway.Open(remote: remote);
        Assert.AreEqual(0, (await client.ConnectAsync(clientId)).Code);
        return client;
    }

    // Until the publisher would wait for that subscriber.
    private static async Task<int> FillAsync(TestBroker gateway, TestClient client, string subscriber)
    {
        int count = 0;
        while (!gateway.Look(b => b.Sessions.Find(subscriber)!.HoldsBackPublishers))
        {
            await client.PublishAsync("reading", "x", QoS.AtLeastOnce);
            count++;
        }

        return count;
    }
}
