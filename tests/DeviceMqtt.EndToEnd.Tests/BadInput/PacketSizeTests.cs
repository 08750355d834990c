namespace DeviceMqtt.EndToEnd.Tests.BadInput;

/// <summary>The largest packet that is taken, and the first that is not.</summary>
[TestClass]
public sealed class PacketSizeTests
{
    private const int PacketBytesMax = 200_000;
    private const string Topic = "size/limit";

    private static BrokerUnderTest? _broker;

    private static BrokerUnderTest Broker => _broker ?? throw new InvalidOperationException("the broker was not started");

    // 1 byte type and flags, 3 bytes Remaining Length, 2 bytes length of the topic.
    private static int PayloadBytesMax => PacketBytesMax - 1 - 3 - 2 - Topic.Length;

    [ClassInitialize]
    public static async Task Start(TestContext context) => _broker = await BrokerUnderTest.Start(packetBytesMax: PacketBytesMax);

    [ClassCleanup]
    public static async Task Stop() => await Broker.DisposeAsync();

    [TestMethod]
    public async Task PUBLISH_ExactlyAtTheLimit_ArrivesWhole()
    {
        byte[] payload = new byte[PayloadBytesMax];
        Random.Shared.NextBytes(payload);
        await using MosquittoSub subscriber = await MosquittoSub.Start(Broker, Topic);

        await MosquittoPub.SendBytes(Broker, Topic, payload);

        Assert.AreSequenceEqual(payload, (await subscriber.Messages.WaitForCount(1))[0].Payload);
    }

    [TestMethod]
    public async Task PUBLISH_OneByteOverTheLimit_ConnectionClosedAndOthersGoOn()
    {
        // mosquitto compares the Remaining Length alone, so its limit lies a few bytes higher.
        await SharedBroker.GetGateway();
        await using MosquittoSub subscriber = await MosquittoSub.Start(Broker, Topic);
        await using RawMqtt publisher = await RawMqtt.Connect(Broker, Unique.Name("large"));

        await publisher.SendUntilClosed(RawBytes.Publish(Topic, new byte[PayloadBytesMax + 1]));

        await publisher.WaitForClose();
        await MosquittoPub.Send(Broker, Topic, "end", qos: 1);
        Assert.IsEmpty(await subscriber.MessagesBefore("end"));
    }

    [TestMethod]
    public async Task PUBLISH_ManyLargeOnesAtQoS1_AllArriveInOrder()
    {
        const int Count = 20;
        await using RawMqtt subscriber = await RawMqtt.Connect(Broker, Unique.Name("sub"));
        await subscriber.Subscribe(Topic, qos: 1);
        await using RawMqtt publisher = await RawMqtt.Connect(Broker, Unique.Name("pub"));

        for (int number = 1; number <= Count; number++)
        {
            byte[] payload = new byte[100_000];
            payload[0] = (byte)number;
            await publisher.Send(RawBytes.Publish(Topic, payload, qos: 1, packetId: number));
        }

        for (int number = 1; number <= Count; number++)
        {
            RawPacket publish = await subscriber.Next(RawType.Publish);
            Assert.AreEqual(number, publish.Payload[0], "order");
            Assert.HasCount(100_000, publish.Payload.ToArray());
            await subscriber.Send(RawBytes.PubAck(publish.PacketId));
        }
    }
}
