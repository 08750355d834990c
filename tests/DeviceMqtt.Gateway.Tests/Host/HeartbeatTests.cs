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

    // What the first beat does, and what is compiled anew behind it, brings pages in that nothing needs afterwards.
    [TestMethod]
    public async Task Heartbeat_TheStartIsOver_SettledOnceBehindTheFirstBeat()
    {
        await using TestGateway gateway = TestGateway.Start();
        int settled = 0;
        gateway.Heartbeat.Settled = () => Interlocked.Increment(ref settled);
        await gateway.Heartbeat.StartAsync(CancellationToken.None);
        await Patience.Within(gateway.Time.TimerCreated, "the first wait of the heartbeat");
        int passedMs = 0;
        await Patience.Until(() => Advance(100) && Volatile.Read(ref settled) > 0, "the rest behind the first beat");
        Assert.IsGreaterThanOrEqualTo(1_000 + Heartbeat.RestMs, passedMs);
        _ = Advance(10_000);
        await gateway.Heartbeat.StopAsync(CancellationToken.None);
        Assert.AreEqual(1, settled);

        bool Advance(int ms)
        {
            gateway.Time.Advance(TimeSpan.FromMilliseconds(ms));
            passedMs += ms;
            return true;
        }
    }

    [TestMethod]
    public async Task Beat_PagesWereOpened_ComesToRestOnceTheyAre()
    {
        await using TestGateway gateway = TestGateway.Start();
        int opened = 0;
        int settled = 0;
        gateway.Heartbeat.PagesOpened = () => opened;
        void Beat(int times)
        {
            for (int i = 0; i < times; i++)
            {
                gateway.Heartbeat.Beat();
                settled += gateway.Heartbeat.HasComeToRest ? 1 : 0;
            }
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
