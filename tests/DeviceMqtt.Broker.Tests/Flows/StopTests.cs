using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>The clean stop of the gateway.</summary>
[TestClass]
internal sealed class StopTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Gateway_Stops_ConnectionsClosedAndNoWillPublished(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        WillMessage will = new() { Topic = "presence/board", Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true };
        TestClient watcher = await gateway.ConnectAsync("watcher", version);
        await watcher.SubscribeAsync("#", QoS.AtLeastOnce);
        TestClient board = await gateway.ConnectAsync("board", version, will: will);
        TestClient waiting = gateway.Open(version); // no CONNECT yet
        gateway.Stop();
        ReasonCode? told = version == ProtocolVersion.V5 ? ReasonCode.ServerShuttingDown : null;
        await board.ExpectCloseAsync(CloseReason.ServerShuttingDown, told);
        await watcher.ExpectCloseAsync(CloseReason.ServerShuttingDown, told);
        await waiting.ExpectCloseAsync(CloseReason.ServerShuttingDown);
        Assert.AreEqual(0, gateway.Look(b => b.Retained.Count));
    }

    [TestMethod]
    public async Task Gateway_Stopping_NewConnectionsRefused()
    {
        await using TestBroker gateway = TestBroker.Start();
        gateway.Stop();
        TestClient late = gateway.Open();
        await late.ExpectCloseAsync(CloseReason.ServerShuttingDown);
    }

    [TestMethod]
    public async Task Gateway_StopsWithAClientThatDoesNotRead_NotWaitedFor()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient slow = await gateway.ConnectAsync("slow", networkBytes: 100);
        await slow.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", new string('x', 1000));
        gateway.Stop();
        await slow.WaitForEndAsync();
        Assert.IsTrue(slow.Transport.IsAborted);
        Assert.AreEqual(CloseReason.ServerShuttingDown, slow.CloseReason);
    }

    [TestMethod]
    public async Task Gateway_StopsWhileAPublisherIsHeldBack_NotWaitedFor()
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax) = (1, 10));
        TestClient slow = await gateway.ConnectAsync("slow");
        await slow.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 6; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        gateway.Stop();
        await publisher.WaitForEndAsync(); // released with its subscriber, not by the clock, which stands still
        Assert.AreEqual(CloseReason.ServerShuttingDown, publisher.CloseReason);
    }
}
