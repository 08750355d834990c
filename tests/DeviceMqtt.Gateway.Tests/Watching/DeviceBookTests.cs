using System.Text;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>What is noted of devices as their messages come.</summary>
[TestClass]
public sealed class DeviceBookTests
{
    private readonly FakeTime _time = new();
    private readonly Ground _ground;
    private readonly RouteCache _routes;
    private readonly DeviceBook _book;

    public DeviceBookTests()
    {
        _ground = new Ground(_time, new GatewayLimits());
        _routes = new RouteCache(new TopicTree(), _ground.Limits);
        _book = new DeviceBook(new ReadingsBudget(16_000_000), _ground.Clock, _ground.Turn, devicesMax: 100, static _ => false);
    }

    private void Take(string topic, string payload = "", Origin origin = Origin.Client, bool isOnce = false)
    {
        using Turn.Scope scope = _ground.Turn.Enter();
        Publication publication = new() { Route = isOnce ? _routes.GetOnce(topic) : _routes.Get(topic), Payload = Encoding.UTF8.GetBytes(payload), QoS = QoS.AtLeastOnce, Origin = origin, NowMs = _ground.Turn.NowMs };
        _book.Take(ref publication);
    }

    private int NewBelow(string below) => _book.NewTopics.Lately(_ground.Turn.MonotonicMs()).FirstOrDefault(known => known.Key == below).Value;

    private void TakeMany(int from, int count)
    {
        for (int i = from; i < from + count; i++)
            Take($"house/log/{i}");
    }

    // After a restart of the gateway the first birth of each board was a start, and three of them a brown-out.
    [TestMethod]
    public void Birth_OfABoardThatRanAllTheTime_IsNoStart()
    {
        Take("dm/kitchen/info", """{"id":"kitchen","b":7,"up":86400000,"reset":"brownout"}""");
        DeviceEntry kitchen = _book.Find("dm", "kitchen")!;
        Assert.IsNotNull(kitchen.BootId, "the birth was not read");
        Assert.AreEqual(0, kitchen.Starts);
        Assert.IsEmpty(kitchen.Events);

        Take("dm/kitchen/info", """{"id":"kitchen","b":8,"up":900,"reset":"brownout"}""");
        Assert.AreEqual(1, kitchen.Starts);
        Assert.AreEqual((1, 1), kitchen.StartsSince(0));

        _time.Advance(TimeSpan.FromMinutes(1));
        Take("dm/hall/info", """{"id":"hall","b":3,"up":900,"reset":"power"}""");
        Assert.AreEqual(1, _book.Find("dm", "hall")!.Starts, "it has booted since the gateway started");
    }

    [TestMethod]
    public void NewTopics_OfAGatewayThatHasJustStarted_AreThoseThatThereAre()
    {
        TakeMany(0, 6_000);
        Assert.AreEqual(0, NewBelow("house/log"));

        _time.Advance(TimeSpan.FromHours(1));
        for (int i = 0; i < 6_000; i++)
            Take($"house/log/{i}", isOnce: true);
        Assert.AreEqual(0, NewBelow("house/log"), "they are known, also where their routes are made anew");
    }

    [TestMethod]
    public void NewTopics_NumberInTheTopic_Told()
    {
        TakeMany(0, 100);
        _time.Advance(TimeSpan.FromHours(1));
        TakeMany(100, 8_000);
        Assert.AreEqual(8_000, NewBelow("house/log"), 8_000 / 5.0, "within some percent");

        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.IsGreaterThan(5_000, NewBelow("house/log"), "those of the hour before");
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.AreEqual(0, NewBelow("house/log"), "the cause is gone for an hour");
    }

    // The table was full of boards within the first hour, and whatever came after that was not counted.
    [TestMethod]
    public void NewTopics_MorePrefixesThanThereIsRoomFor_Told()
    {
        void TellAll()
        {
            for (int i = 0; i < 1_000; i++)
                Take($"fleet/board-{i}/x", isOnce: true);
        }

        TellAll();
        _time.Advance(TimeSpan.FromHours(1));
        for (int i = 0; i < 8_000; i++)
        {
            Take($"fleet/board-{i % 1_000}/x", isOnce: true);
            Take($"house/log/{i}");
        }

        Assert.AreEqual(8_000, NewBelow("house/log"), 8_000 / 5.0, "within some percent");
        _time.Advance(TimeSpan.FromMinutes(61));
        TellAll();
        Assert.IsGreaterThan(5_000, NewBelow("house/log"), "those of the hour before");
    }

    // 450 boards that wake each ten minutes were thousands of new topics below $gw/presence.
    [TestMethod]
    public void NewTopics_OfTheGatewayItself_NotCounted()
    {
        Take("a/b/c");
        _time.Advance(TimeSpan.FromHours(1));
        Take("a/b/c", isOnce: true);
        for (int i = 0; i < 6_000; i++)
            Take($"$gw/presence/{i}", origin: Origin.Gateway, isOnce: true);

        Assert.AreEqual(0, NewBelow("$gw/presence"));
    }

    [TestMethod]
    public void Device_NotKept_ForAnHourAndWithItsCause()
    {
        Take($"dm/{new string('x', 300)}/tele/climate", "{}");
        Assert.AreEqual(NotKeptCause.LongName, _book.NotKept.Lately(_ground.Turn.MonotonicMs()).Single());

        for (int i = 0; i < 101; i++)
            Take($"dm/board-{i}/tele/climate", "{}");
        Assert.Contains(NotKeptCause.Devices, _book.NotKept.Lately(_ground.Turn.MonotonicMs()));

        _time.Advance(TimeSpan.FromHours(1));
        Assert.IsEmpty(_book.NotKept.Lately(_ground.Turn.MonotonicMs()));
    }
}
