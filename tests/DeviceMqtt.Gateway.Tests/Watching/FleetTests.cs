using System.Globalization;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>A large fleet within the memory that the console has by default.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FleetTests
{
    private const int Boards = 10_000;
    private static readonly string[] Metrics = ["batt", "hum", "rssi", "temp"];

    // Readings for charts kept the place that devices need: of 10,000 boards with four metrics each, 4,808 were in the list.
    [TestMethod]
    public async Task Boards_TenThousandWithABirthAndFourMetrics_AllAreThereWithTheirLastValues()
    {
        Observation? noted = null;
        await using TestBroker broker = TestBroker.Start(null, ground => ground.Watch = (noted = new Observation(ground, new NotedBytes(new ConsoleOptions().ReadingsBytesMax), ground.Events, new FakeTime())).Lookout);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Boards; i++)
        {
            Publish(broker, $"dm/board-{i}/info", string.Create(CultureInfo.InvariantCulture, $$$$"""{"id":"GID_hall-{{{{i % 12}}}}@@@board-{{{{i}}}}","fw":"0.2.{{{{i % 7}}}}","tele":{"climate":{"temp":"Cel","hum":"%RH","rssi":"dBm","batt":"%"}}}"""));
            for (int n = 1; n <= 3; n++)
            {
                broker.Time.Advance(TimeSpan.FromMilliseconds(101)); // a stream is read at most ten times a second
                Publish(broker, $"dm/board-{i}/tele/climate", string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{n}},"temp":{{20 + n}},"hum":{{40 + (i % 30)}},"rssi":{{-50 - (i % 40)}},"batt":{{i % 100}}}"""));
            }
        }

        Console.WriteLine($"{GC.GetTotalMemory(forceFullCollection: true) - before} bytes more, {noted!.Devices.Budget.Bytes} are counted, {noted.Devices.Budget.Thinned} times thinner");
        Assert.HasCount(Boards, noted.Devices.Devices);
        Assert.IsTrue(noted.Devices.Devices.All(static d => string.Join(',', d.Streams.SelectMany(static s => s.Series).Where(static s => !double.IsNaN(s.Last)).Select(static s => s.Name).Order()) == string.Join(',', Metrics)), "a board has not all its metrics");
        Assert.IsLessThanOrEqualTo(noted.Devices.Budget.BytesMax, noted.Devices.Budget.Bytes);
    }

    private static void Publish(TestBroker broker, string topic, string payload)
    {
        using Turn.Scope scope = broker.Broker.Turn.Enter();
        Publication publication = new() { Route = broker.Broker.Routes.Get(topic), QoS = QoS.AtLeastOnce, Payload = System.Text.Encoding.UTF8.GetBytes(payload), Origin = Origin.Gateway, NowMs = broker.Broker.Turn.NowMs };
        _ = broker.Broker.Publish(ref publication);
    }
}
