using System.Text;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>
/// As many devices are noted as may be, and another one speaks. Those of years ago stayed for ever, and the new one never had a reading: also when somebody had made room, as long as its topic was in use.
/// </summary>
[TestClass]
public sealed class DeviceBookRoomTests
{
    private readonly FakeTime _time = new();
    private readonly HashSet<string> _here = [];
    private readonly Ground _ground;
    private readonly RouteCache _routes;
    private readonly DeviceBook _book;

    public DeviceBookRoomTests()
    {
        _ground = new Ground(_time, new GatewayLimits());
        _routes = new RouteCache(new TopicTree(), _ground.Limits);
        _book = new DeviceBook(new ReadingsBudget(16_000_000), _ground.Clock, _ground.Turn, devicesMax: 3, _here.Contains);
    }

    private void Speak(params string[] devices)
    {
        foreach (string device in devices)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Take($"dm/{device}/info", $$"""{"id":"{{device}}","b":7,"up":1000}""");
            Take($"dm/{device}/tele/climate", """{"n":1,"temp":20}""");
        }
    }

    private void Take(string topic, string payload)
    {
        using Turn.Scope scope = _ground.Turn.Enter();
        Publication publication = new() { Route = _routes.Get(topic), Payload = Encoding.UTF8.GetBytes(payload), QoS = QoS.AtLeastOnce, Origin = Origin.Client, NowMs = _ground.Turn.NowMs };
        _book.Take(ref publication);
    }

    private void AssertNoted(params string[] expected) => CollectionAssert.AreEquivalent(expected, _book.Devices.Select(static d => d.Name).ToArray());

    [TestMethod]
    public void Devices_AsManyAsMayBe_TheOneHeardLongestAgoGoes()
    {
        Speak("a", "b", "c");
        _time.Advance(TimeSpan.FromDays(1));
        Speak("a");
        _time.Advance(TimeSpan.FromDays(1));

        Speak("d");

        AssertNoted("a", "c", "d");
        Assert.HasCount(1, _book.Find("dm", "d")!.Streams);
    }

    [TestMethod]
    public void Devices_TheOldestIsConnected_AnotherGoes()
    {
        Speak("a", "b", "c");
        _time.Advance(TimeSpan.FromDays(1));
        _ = _here.Add("a");

        Speak("d");

        AssertNoted("a", "c", "d");
    }

    // More speak than are kept: they would take each other's place with every message.
    [TestMethod]
    public void Devices_AllHeardLately_NobodyGoesForAnother()
    {
        Speak("a", "b", "c", "d");

        AssertNoted("a", "b", "c");
    }

    [TestMethod]
    public void Device_FoundNoRoom_IsNotedWhenSomebodyHasMadeSome()
    {
        Speak("a", "b", "c", "d");
        _book.Remove(_book.Find("dm", "b")!);

        Speak("d");

        AssertNoted("a", "c", "d");
        Assert.HasCount(1, _book.Find("dm", "d")!.Streams, "its readings are not kept");
    }
}
