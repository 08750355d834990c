using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Tests.Host;

[TestClass]
internal sealed class HeartbeatTests
{
    [TestMethod]
    public async Task Heartbeat_Running_BeatsEverySecond()
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 2);
        await gateway.Heartbeat.StartAsync(CancellationToken.None);
        await Patience.Within(gateway.Time.TimerCreated, "the first wait of the heartbeat");
        gateway.Time.Advance(TimeSpan.FromSeconds(5));
        await client.ExpectCloseAsync(CloseReason.KeepAliveTimeout);
        await gateway.Heartbeat.StopAsync(CancellationToken.None);
    }
}
