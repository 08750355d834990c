namespace DeviceMqtt.Samples.Tests;

/// <summary>gateway/samples/BrokerWithRules refuses what its rules do not allow, and says so.</summary>
[TestClass]
public sealed class BrokerWithRulesTests
{
    private const string Sample = "BrokerWithRules";
    private const byte NotAuthorized = 0x87;

    [TestMethod]
    public async Task CONNECT_WrongPassword_Refused()
    {
        await using SampleBroker broker = await SampleBroker.Run(Sample);
        await using RawMqtt client = await RawMqtt.Open(broker);

        await client.Send(Connect("kitchen-1", "kitchen", "wrong"));

        Assert.AreEqual(NotAuthorized, (await client.Next(RawType.ConnAck)).Body[1]);
        _ = await broker.Process.Output.WaitFor(line => line.EndsWith("unknown user name or wrong password", StringComparison.Ordinal), "the refusal");
    }

    [TestMethod]
    public async Task CONNECT_ClientIdOfAnotherUser_Refused()
    {
        await using SampleBroker broker = await SampleBroker.Run(Sample);
        await using RawMqtt client = await RawMqtt.Open(broker);

        await client.Send(Connect("garden-1", "kitchen", "salt"));

        Assert.AreEqual(NotAuthorized, (await client.Next(RawType.ConnAck)).Body[1]);
    }

    [TestMethod]
    [DataRow(1, 4)]
    [DataRow(2, 5)]
    public async Task PUBLISH_ToTopicOfAnotherUser_NotAuthorizedAndNotDelivered(int qos, int ack)
    {
        await using SampleBroker broker = await SampleBroker.Run(Sample);
        await using RawMqtt client = await RawMqtt.Open(broker);
        await client.Send(Connect("kitchen-1", "kitchen", "salt"));
        Assert.AreEqual(0, (await client.Next(RawType.ConnAck)).Body[1]);
        // Packet Identifier, no properties, filter, QoS 0.
        await client.Send(RawBytes.Packet(0x82, [0, 9, 0, .. RawBytes.Text("home/#"), 0]));
        _ = await client.Next(RawType.SubAck);

        await client.Send(Publish("home/garden/temp", "no", qos, packetId: 1));

        RawPacket refusal = await client.Next((RawType)ack);
        Assert.AreEqual(NotAuthorized, refusal.Body[2]);
        // What is allowed arrives, and nothing before it.
        await client.Send(Publish("home/kitchen/temp", "yes", qos: 0, packetId: 0));
        Assert.AreEqual("home/kitchen/temp", (await client.Next(RawType.Publish)).Topic);
        _ = await broker.Process.Output.WaitFor(line => line == "refused kitchen-1: it may not publish to home/garden/temp", "the refusal");
    }

    private static byte[] Connect(string clientId, string user, string password) =>
        RawBytes.Packet(0x10, [.. RawBytes.Text("MQTT"), 5, 0xC2, 0, 60, 0, .. RawBytes.Text(clientId), .. RawBytes.Text(user), .. RawBytes.Text(password)]);

    private static byte[] Publish(string topic, string payload, int qos, int packetId) =>
        RawBytes.Packet((byte)(0x30 | (qos << 1)), [.. RawBytes.Text(topic), .. qos > 0 ? RawBytes.UInt16(packetId) : [], 0, .. System.Text.Encoding.UTF8.GetBytes(payload)]);
}
