using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;

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

    [TestMethod]
    public async Task Beat_PagesWereOpened_SettledOnceTheyAreAtRest()
    {
        await using TestGateway gateway = TestGateway.Start();
        int opened = 0;
        int settled = 0;
        gateway.Heartbeat.PagesOpened = () => opened;
        gateway.Heartbeat.Settled = () => settled++;
        void Beat(int times)
        {
            for (int i = 0; i < times; i++)
                gateway.Heartbeat.Beat();
        }

        Beat(20);
        Assert.AreEqual(1, settled, "the start is over once");
        opened = 1;
        Beat(Heartbeat.RestSeconds - 1);
        opened = 2;
        Beat(Heartbeat.RestSeconds - 1);
        Assert.AreEqual(1, settled, "pages are being opened");
        Beat(20);
        Assert.AreEqual(2, settled);
    }
}
