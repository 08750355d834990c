using System.Net;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>Whatever strangers send, what is noted of it for the console stays within its bytes. Live bytes after a collection, of the whole process.</summary>
[TestClass]
[DoNotParallelize]
public sealed class NotedMemoryTests
{
    private const int Mebibyte = 1024 * 1024;
    private const int Longest = 65_000;

    [TestMethod]
    public void Drops_OfManyLongTopics_WithinTheBound()
    {
        FakeTime time = new();
        GatewayLimits limits = new();
        Observation noted = Make(new Ground(time, limits), time);
        AssertGrowsByLessThan(4 * Mebibyte, () =>
        {
            for (int i = 0; i < 2 * IncidentBook.IncidentsOfKindMax; i++)
            {
                string topic = $"{i}{new string('x', Longest)}";
                noted.Events.Dropped(new Drop(DropReason.Damaged, DropOwner.Topic(topic), topic, 10));
            }
        });
        Assert.HasCount(IncidentBook.IncidentsOfKindMax, noted.Incidents.All);
        GC.KeepAlive(noted);
    }

    // The first five hundred of any kind kept all others off the page for a day.
    [TestMethod]
    public void Incidents_OneKindTakesAllItsPlaces_OthersAndNewOnesAreThere()
    {
        FakeTime time = new();
        Observation noted = Make(new Ground(time, new GatewayLimits()), time);
        for (int i = 0; i < 1_000; i++)
        {
            noted.Incidents.Add(IncidentKind.TargetUnknown, $"nobody-{i}");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        noted.Incidents.Add(IncidentKind.JournalFull, "");
        Assert.IsNotNull(noted.Incidents.Find(IncidentKind.JournalFull, ""));
        Assert.IsNotNull(noted.Incidents.Find(IncidentKind.TargetUnknown, "nobody-999"));
        Assert.IsNull(noted.Incidents.Find(IncidentKind.TargetUnknown, "nobody-0"));
    }

    [TestMethod]
    public void Visits_OfManyClients_WithinTheBound()
    {
        FakeTime time = new();
        ClientBook book = new(new Ground(time, new GatewayLimits()).Clock, clientsMax: 20_000, bytesMax: Mebibyte);
        AssertGrowsByLessThan(2 * Mebibyte, () =>
        {
            for (int i = 0; i < 60_000; i++)
            {
                string clientId = $"client-{i % 20_000}";
                book.Opened(i, new IPEndPoint(IPAddress.Loopback, 1));
                book.Connected(i, clientId);
                _ = book.Ended(i, clientId, CloseReason.QuotaExceeded, new string('d', 1_000));
            }
        });
        Assert.IsLessThanOrEqualTo(Mebibyte + 1_000, book.Bytes);
        Assert.IsNotEmpty(book.Of($"client-{59_999 % 20_000}"), "the newest is forgotten");
    }

    [TestMethod]
    [DataRow("events of many devices")]
    [DataRow("births of 100 KB")]
    [DataRow("names of 65,000 characters")]
    [DataRow("many metrics")]
    [DataRow("new topics below a long level")]
    public async Task Devices_ThatTellALot_WithinTheBound(string how)
    {
        Observation? noted = null;
        await using TestBroker broker = TestBroker.Start(null, ground => ground.Watch = (noted = Make(ground, new FakeTime())).Lookout);
        TestClient client = await broker.ConnectAsync("many");
        await SendAsync(client, how, 0);
        long before = LiveBytes();
        for (int i = 1; i < 2_000; i++)
        {
            await SendAsync(client, how, i);
            await client.ExpectNothingAsync(); // or what is on its way is in the figure
        }

        // Beside what is noted: the cache of routes, and the objects of the test.
        long grown = LiveBytes() - before;
        Console.WriteLine($"{grown} bytes more, {noted!.Devices.Budget.Bytes} are counted");
        Assert.IsLessThanOrEqualTo(noted.Devices.Budget.BytesMax, noted.Devices.Budget.Bytes);
        Assert.IsLessThan(6 * Mebibyte, grown);
        GC.KeepAlive(noted);
    }

    private static Task<ushort> SendAsync(TestClient client, string how, int number) => how switch
    {
        "events of many devices" => client.SendPublishAsync($"dm/d{number % 200}/evt/e", new string('e', 600), QoS.AtMostOnce),
        "births of 100 KB" => client.SendPublishAsync($"dm/d{number}/info", $$"""{"id":"c{{number}}","fw":"{{new string('f', 100_000)}}"}""", QoS.AtMostOnce),
        "names of 65,000 characters" => client.SendPublishAsync($"dm/{number}{new string('n', 60_000)}/evt/e", "{}", QoS.AtMostOnce),
        "many metrics" => client.SendPublishAsync($"dm/d{number / 16}/tele/s{number % 16}", $"{{{string.Join(',', Enumerable.Range(0, 16).Select(m => $"\"m{m}-{number}\":1"))}}}", QoS.AtMostOnce),
        _ => client.SendPublishAsync($"{number}{new string('n', 60_000)}/b/c", "x", QoS.AtMostOnce),
    };

    private static Observation Make(Ground ground, FakeTime time) => new(ground, new NotedBytes(Mebibyte), ground.Events, time);

    private static void AssertGrowsByLessThan(long bytes, Action act)
    {
        long before = LiveBytes();
        act();
        Assert.IsLessThan(bytes, LiveBytes() - before);
    }

    private static long LiveBytes() => GC.GetTotalMemory(forceFullCollection: true);
}
