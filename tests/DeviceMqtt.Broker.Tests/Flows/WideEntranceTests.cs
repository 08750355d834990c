using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>
/// A message for a thousand, by whichever way it comes: no turn takes longer for it than a slice. Counted is what one turn does; each look at the clock takes a millisecond, so that a slice is over
/// after few looks.
/// </summary>
[TestClass]
internal sealed class WideEntranceTests
{
    private const int Subscribers = 1_000;
    private const int MostInOneTurn = 512; // some looks, each behind as many as may be between two

    public enum Entrance
    {
        Client,
        ClientOf5,
        Retained,
        RetainedAtQoS1,
        RetainedAtQoS2,
        Birth,
        Will,
        WillThatWaits,
        Program,
        Presence,
    }

    [TestMethod]
    [DataRow(Entrance.Client), DataRow(Entrance.ClientOf5), DataRow(Entrance.Retained), DataRow(Entrance.RetainedAtQoS1), DataRow(Entrance.RetainedAtQoS2), DataRow(Entrance.Birth)]
    [DataRow(Entrance.Will), DataRow(Entrance.WillThatWaits), DataRow(Entrance.Program), DataRow(Entrance.Presence)]
    public async Task Message_ForAThousand_NoTurnGivesItToMoreThanASlice(Entrance entrance)
    {
        await using TestBroker gateway = TestBroker.Start(static l => l.SharePercentMax = 100);
        string topic = entrance switch { Entrance.Presence => "$gw/presence/board", Entrance.Birth => "dm/v1/board/info", _ => "w" };
        List<TestClient> clients = [];
        for (int i = 0; i < Subscribers; i++)
            clients.Add(await gateway.ConnectAsync($"client {i}"));
        foreach (TestClient client in clients)
            Assert.AreEqual(ReasonCode.GrantedQoS1, await client.SubscribeAsync(topic, QoS.AtLeastOnce));
        Func<long> most = gateway.MostInOneTurn(() => gateway.Counters.MessagesSent);
        gateway.Time.LookMs = 1;
        await PublishAsync(gateway, entrance, topic);
        await Patience.Until(() => gateway.Counters.MessagesSent >= Subscribers, "the message for all");
        gateway.Time.LookMs = 0;
        foreach (TestClient client in clients)
            Assert.AreEqual(topic, (await client.ReceivePublishAndAckAsync()).Topic);
        Assert.AreEqual(Subscribers, gateway.Counters.MessagesSent);
        Assert.IsLessThanOrEqualTo(MostInOneTurn, most());
    }

    private static WillMessage Will(string topic, uint delaySeconds) => new() { Topic = topic, Payload = "x"u8.ToArray(), Properties = new WillProperties { DelaySeconds = delaySeconds } };

    private static async Task PublishAsync(TestBroker gateway, Entrance entrance, string topic)
    {
        switch (entrance)
        {
            case Entrance.Client or Entrance.ClientOf5 or Entrance.Retained or Entrance.RetainedAtQoS1 or Entrance.RetainedAtQoS2 or Entrance.Birth:
                TestClient client = await gateway.ConnectAsync("board", entrance == Entrance.ClientOf5 ? ProtocolVersion.V5 : ProtocolVersion.V311);
                QoS qos = entrance switch { Entrance.RetainedAtQoS1 => QoS.AtLeastOnce, Entrance.RetainedAtQoS2 => QoS.ExactlyOnce, _ => QoS.AtMostOnce };
                _ = await client.PublishAsync(topic, "x", qos, retain: entrance is not Entrance.Client and not Entrance.ClientOf5);
                break;
            case Entrance.Will:
                await (await gateway.ConnectAsync("board", will: Will(topic, delaySeconds: 0))).DropAsync();
                break;
            case Entrance.WillThatWaits:
                TestClient waits = await gateway.ConnectAsync("board", ProtocolVersion.V5, will: Will(topic, delaySeconds: 5), properties: new ConnectProperties { SessionExpirySeconds = 100 });
                await waits.DropAsync();
                gateway.Advance(6);
                break;
            case Entrance.Program:
                gateway.Mqtt.Publish(topic, "x"u8);
                break;
            case Entrance.Presence:
                _ = await gateway.ConnectAsync("board");
                break;
        }
    }

    // Each is a record, and nothing is written for a client.
    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Message_ForAThousandSessionsThatAreAway_NoTurnKeepsItForMoreThanASlice(bool isRetained)
    {
        await using TestBroker gateway = TestBroker.Start(static l => l.SharePercentMax = 100);
        for (int i = 0; i < Subscribers; i++)
        {
            TestClient client = await gateway.ConnectDurableAsync($"client {i}");
            _ = await client.SubscribeAsync("w", QoS.AtLeastOnce);
            await client.DropAsync();
        }

        TestClient publisher = await gateway.ConnectAsync("publisher");
        Func<long> most = gateway.MostInOneTurn(() => gateway.Broker.QueueBytes);
        gateway.Time.LookMs = 1;
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("w", "x", QoS.AtLeastOnce, isRetained));
        gateway.Time.LookMs = 0;
        long all = gateway.Look(static b => b.QueueBytes);
        Assert.AreEqual(0, all % Subscribers, "not all have it");
        Assert.IsLessThanOrEqualTo(MostInOneTurn, most() / (all / Subscribers));
    }

    // What 3.x clients publish while the journal is full goes on when there is room, one message after the other.
    [TestMethod]
    public async Task Messages_ThatWaitedForTheDisk_NoTurnPublishesMoreThanASlice()
    {
        const int Messages = 100;
        const int Few = 20;
        SlowCustody? custody = null;
        await using TestBroker gateway = TestBroker.Start(static l => l.SharePercentMax = 100, ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        TestClient away = await gateway.ConnectDurableAsync("away");
        _ = await away.SubscribeAsync("w", QoS.AtLeastOnce);
        await away.DropAsync();
        List<TestClient> clients = [];
        for (int i = 0; i < Few; i++)
        {
            clients.Add(await gateway.ConnectAsync($"client {i}"));
            _ = await clients[i].SubscribeAsync("w");
        }

        TestClient publisher = await gateway.ConnectAsync("publisher");
        custody!.IsFull = true;
        for (int i = 0; i < Messages; i++)
            _ = await publisher.SendPublishAsync("w", $"{i}", QoS.AtLeastOnce);
        await publisher.ExpectNothingAsync();
        custody.IsFull = false;
        Func<long> most = gateway.MostInOneTurn(() => gateway.Counters.MessagesSent);
        gateway.Time.LookMs = 1;
        gateway.Advance(2);
        for (int i = 1; i <= Messages; i++)
            _ = await publisher.ExpectAckAsync(PacketType.PubAck, (ushort)i);
        gateway.Time.LookMs = 0;
        foreach (TestClient client in clients)
            for (int i = 0; i < Messages; i++)
                Assert.AreEqual($"{i}", (await client.ReceivePublishAsync()).Payload);
        Assert.IsLessThanOrEqualTo(10L * Few, most());
    }
}
