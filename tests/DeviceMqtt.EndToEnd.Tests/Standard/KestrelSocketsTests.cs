namespace DeviceMqtt.EndToEnd.Tests.Standard;

/// <summary>Plain connections by way of Kestrel's sockets (<c>PollSockets</c> is <c>false</c>): what other systems than Linux have.</summary>
[TestClass]
public sealed class KestrelSocketsTests
{
    [TestMethod]
    public async Task Gateway_WithKestrelSockets_ServesClientsAsEver()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "PollSockets=false");
        string topic = Unique.Name("topic");
        string large = new('x', 100_000);
        await using MosquittoSub subscriber = await MosquittoSub.Start(gateway, new SubscriberOptions { QoS = 1 }, topic);
        string clientId = Unique.Name("twin");
        await using RawMqtt old = await RawMqtt.Connect(gateway, clientId, will: new Will(topic, "taken over", QoS: 1));

        await using RawMqtt young = await RawMqtt.Connect(gateway, clientId);
        await old.WaitForClose();
        await MosquittoPub.Send(gateway, topic, large, qos: 1);

        IReadOnlyList<ReceivedMessage> messages = await subscriber.Messages.WaitForCount(2);
        CollectionAssert.AreEquivalent((string[])["taken over", large], messages.Select(static message => message.Text).ToArray());
        await young.Send(RawBytes.PingReq);
        await young.Next(RawType.PingResp);
    }
}
