using System.Text;
using DeviceMqtt.Broker.Defaults;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Watching;

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
        _devices = new DeviceBook(new ReadingsBudget(16_000_000), _ground.Clock, _ground.Turn, devicesMax: 100, static _ => false);
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

    // A Pi without a clock starts in the past: all readings of the day before were put on the second in which it started.
    [TestMethod]
    public void Clock_StartsInThePast_WaitsUntilItIsSet()
    {
        Observation noted = new(_ground, new NotedBytes(16_000_000), new NoEvents(), _time);
        long then = _ground.Clock.NowUnixMs;
        _time.WallOffset = TimeSpan.FromHours(-5);
        noted.TakeOld("dm/a/tele/x"u8, System.Text.Encoding.UTF8.GetBytes($$"""{"t":{{(then - 7_200_000) / 1000}},"temp":1}"""), then - 7_200_000);
        noted.TakeOld("dm/a/tele/x"u8, System.Text.Encoding.UTF8.GetBytes($$"""{"t":{{(then - 3_700_000) / 1000}},"temp":2}"""), then - 3_700_000);
        _ground.Turn.Jobs.RunSoon = static _ => { };
        noted.FillReadings();
        Beat(noted);
        Assert.IsNull(noted.Devices.Find("dm", "a"), "the clock is not right yet");

        _time.WallOffset = TimeSpan.Zero;
        Beat(noted);
        Beat(noted);

        List<Reading> readings = noted.Devices.Find("dm", "a")!.Streams[0].Series[0].Between(0, then);
        Assert.HasCount(2, readings);
        Assert.IsLessThan(then - 7_000_000, readings[0].UnixMs);
    }

    [TestMethod]
    public void Clock_NobodySetsIt_WhatIsInItsFutureIsLeftOut()
    {
        Observation noted = new(_ground, new NotedBytes(16_000_000), new NoEvents(), _time);
        long then = _ground.Clock.NowUnixMs;
        noted.TakeOld("dm/a/tele/x"u8, """{"temp":1}"""u8, then - 60_000);
        noted.TakeOld("dm/b/tele/x"u8, """{"temp":1}"""u8, then + 3_600_000 + ReadingsReplay.ClockPatienceMs);
        _ground.Turn.Jobs.RunSoon = static _ => { };
        noted.FillReadings();
        _time.Advance(TimeSpan.FromMilliseconds(ReadingsReplay.ClockPatienceMs));
        Beat(noted);
        Beat(noted);

        Assert.HasCount(1, noted.Devices.Find("dm", "a")!.Streams[0].Series);
        Assert.IsEmpty(noted.Devices.Find("dm", "b")?.Streams[0].Series ?? []);
    }

    private void Beat(Observation noted)
    {
        using (_ground.Turn.Enter())
            noted.Beat();
        _ground.Turn.Jobs.Execute();
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
