using System.Text.Json;
using System.Threading.Channels;
using DeviceMqtt.Simulator;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Firmware.Tests.Simulator;

/// <summary>Virtual boards over real TCP, against mosquitto where it is installed.</summary>
[TestClass]
public sealed class VirtualBoardTests
{
    [TestMethod]
    public async Task Board_AgainstMosquitto_TellsPresenceBirthAndTelemetry()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using Watcher watcher = new(broker.Port, "#");
        await using VirtualBoard board = NewBoard(broker.Port);
        board.Start();

        Assert.AreEqual("presence/GID_t@@@kitchen true", await watcher.NextAsync("presence/"));
        Assert.StartsWith("dm/kitchen/info {\"id\":\"GID_t@@@kitchen\",\"fw\":\"", await watcher.NextAsync("dm/kitchen/info"), StringComparison.Ordinal);
        Assert.StartsWith("dm/kitchen/tele/climate {\"n\":1,\"t\":", await watcher.NextAsync("dm/kitchen/tele/climate"), StringComparison.Ordinal);
        Assert.StartsWith("dm/kitchen/tele/climate {\"n\":2,\"t\":", await watcher.NextAsync("dm/kitchen/tele/climate"), StringComparison.Ordinal);
        board.PressButton();
        Assert.EndsWith("\"pressed\":true}", await watcher.NextAsync("dm/kitchen/evt/button"), StringComparison.Ordinal);

        await board.StopAsync();
        Assert.AreEqual("presence/GID_t@@@kitchen false", await watcher.NextAsync("presence/"));
    }

    [TestMethod]
    public async Task Board_Killed_ItsWillIsSent()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using Watcher watcher = new(broker.Port, "presence/#");
        await using VirtualBoard board = NewBoard(broker.Port);
        board.Start();
        Assert.AreEqual("presence/GID_t@@@kitchen true", await watcher.NextAsync("presence/"));

        await board.KillAsync();

        Assert.AreEqual("presence/GID_t@@@kitchen false", await watcher.NextAsync("presence/"));
        Assert.IsTrue(board.Completion.IsCompletedSuccessfully);
    }

    [TestMethod]
    public async Task Board_LinkDropped_ComesBackWithWhatItMeasuredMeanwhile()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using Watcher watcher = new(broker.Port, "#");
        await using VirtualBoard board = NewBoard(broker.Port);
        board.Start();
        await watcher.NextAsync("dm/kitchen/tele/climate");

        board.DropLink();

        Assert.AreEqual("presence/GID_t@@@kitchen true", await watcher.NextAsync("presence/"));
        Assert.AreEqual("presence/GID_t@@@kitchen false", await watcher.NextAsync("presence/"));
        Assert.AreEqual("presence/GID_t@@@kitchen true", await watcher.NextAsync("presence/"));
        // No number is missing, though one may come twice, and what was measured while the link was gone says so.
        long last = 1;
        bool sawLate = false;
        while (!sawLate || last < 5)
        {
            string line = await watcher.NextAsync("dm/kitchen/tele/climate");
            long number = JsonDocument.Parse(line["dm/kitchen/tele/climate ".Length..]).RootElement.GetProperty("n").GetInt64();
            Assert.IsLessThanOrEqualTo(last + 1, number, line);
            last = Math.Max(last, number);
            sawLate |= number > 1 && line.EndsWith(",\"h\":1}", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public async Task Board_NobodyListens_KeepsTryingAndStopsWhenAsked()
    {
        int port = FreePorts.Take();
        Channel<long> failures = Channel.CreateUnbounded<long>();
        await using VirtualBoard board = NewBoard(port);
        board.Happened += (_, e) =>
        {
            if (e.Note == DeviceNote.ConnectFailed)
            {
                failures.Writer.TryWrite(e.Number);
            }
        };
        board.Start();

        Assert.AreEqual((long)LinkFault.NotReachable, await failures.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit));
        Assert.AreEqual((long)LinkFault.NotReachable, await failures.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit));
        await board.StopAsync().WaitAsync(Patience.Limit);
    }

    [TestMethod]
    public void Boards_OfOneSeed_MeasureTheSame()
    {
        double[] one = new double[2];
        double[] two = new double[2];
        SimulatedClimate first = new(7);
        SimulatedClimate second = new(7);
        for (int i = 0; i < 100; i++)
        {
            first.Read(one);
            second.Read(two);
            CollectionAssert.AreEqual(one, two);
        }

        new SimulatedClimate(8).Read(two);
        CollectionAssert.AreNotEqual(one, two);
    }

    private static VirtualBoard NewBoard(int port) => new(
        new VirtualBoardOptions
        {
            ClientId = "GID_t@@@kitchen",
            Port = port,
            Period = TimeSpan.FromMilliseconds(100),
            Tick = TimeSpan.FromMilliseconds(10),
            BackoffFirst = TimeSpan.FromMilliseconds(300),
        },
        new MqttClientTimes());
}
