using System.Text;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>What a journal still has becomes readings: bounded, no older than a day, and nothing looks as if it were new.</summary>
[TestClass]
public sealed class ReadingsReplayTests
{
    private readonly FakeTime _time = new();
    private readonly Ground _ground;
    private readonly DeviceBook _devices;
    private readonly ReadingsReplay _replay;

    public ReadingsReplayTests()
    {
        _ground = new Ground(_time, new GatewayLimits());
        _devices = new DeviceBook(new ReadingsBudget(16_000_000), _ground.Clock, _ground.Turn, devicesMax: 100);
        _replay = new ReadingsReplay(_devices, _ground.Clock);
    }

    private void Run()
    {
        bool isDone = false;
        for (int turns = 0; !isDone; turns++)
        {
            Assert.IsLessThan(10_000, turns, "it does not come to an end");
            using Turn.Scope scope = _ground.Turn.Enter();
            isDone = _replay.Run(_ground.Turn);
        }
    }

    private void Take(string topic, string payload, long ageMs = 1_000) => _replay.Take(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), _ground.Clock.NowUnixMs - ageMs);

    [TestMethod]
    public void Message_OfADayAgo_NotTaken()
    {
        Take("dm/a/tele/x", """{"n":1,"temp":1}""", ageMs: (25 * 3_600_000));
        Take("dm/a/tele/x", """{"n":2,"temp":2}""");
        Run();

        Assert.AreEqual(1, _replay.Count);
    }

    [TestMethod]
    public void Messages_MoreThanFit_TheNewestStay()
    {
        for (int i = 0; i < 60_000; i++)
            Take("dm/a/tele/x", $$"""{"n":{{i}},"temp":{{i}}}""", ageMs: 60_000 - i);
        Run();

        Assert.IsLessThan(ReadingsReplay.BytesMax / 80, _replay.Count);
        Assert.AreEqual(59_999, _devices.Find("dm", "a")!.Streams[0].Series[0].Last);
    }

    [TestMethod]
    public void Message_Old_DoesNotLookNew()
    {
        Take("dm/a/tele/x", """{"n":7,"temp":2}""", ageMs: 60_000);
        Run();

        DeviceEntry device = _devices.Find("dm", "a")!;
        Assert.AreEqual(_ground.Clock.NowUnixMs - 60_000, device.HeardUnixMs);
        Assert.AreEqual((0L, 0L), (device.Received, device.Lost));
    }

    [TestMethod]
    [DataRow("house/x")]
    [DataRow("dm/a/evt/x")]
    [DataRow("/tele/")]
    public void Message_OfAnotherTopic_IsNone(string topic)
    {
        Take(topic, """{"n":7,"temp":2}""");
        Run();

        Assert.AreEqual(0, _replay.Count);
    }
}
