using System.Device.Gpio;
using System.Diagnostics;
using DeviceMqtt.Device.Esp32;
using DeviceMqtt.Firmware.Tests.Simulator;

namespace DeviceMqtt.Firmware.Tests.Esp32;

/// <summary>The boards' own application over real TCP, with the chip's stand-ins below it: mosquitto where it is installed.</summary>
[TestClass]
[DoNotParallelize]
public sealed class BoardOnTheWireTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-flash").FullName + Path.DirectorySeparatorChar;

    [TestCleanup]
    public void Erase() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public async Task DevKitC_WithItsParts_TellsBirthReadingsAndTheButton()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using Watcher watcher = new(broker.Port, "#");
        using PluggedBme280 part = new();
        BoardApplication application = NewBoard("esp32-devkitc", broker.Port);
        using CancellationTokenSource power = new();
        Task running = RunAsync(application, speed: 1, power.Token);

        Assert.AreEqual("presence/GID_a@@@kitchen true", await watcher.NextAsync("presence/"));
        string birth = await watcher.NextAsync("dm/kitchen/info");
        Assert.Contains("\"board\":\"esp32-devkitc\",\"reset\":\"unknown\",\"b\":", birth, StringComparison.Ordinal);
        Assert.Contains("\"tele\":{\"climate\":{\"temp\":\"Cel\",\"hum\":\"%RH\",\"press\":\"Pa\"}},\"evt\":[\"button\",\"relay\"],\"cmd\":[\"ping\",\"info\",\"reboot! ", birth, StringComparison.Ordinal);
        Assert.Contains("\"temp\":25.08,", await watcher.NextAsync("dm/kitchen/tele/climate"), StringComparison.Ordinal);
        application.Pins[27].Drive(PinValue.Low);
        Assert.EndsWith("\"pressed\":true}", await watcher.NextAsync("dm/kitchen/evt/button"), StringComparison.Ordinal);

        // Once all streams were read and all was acknowledged.
        await FileAsync(_folder + "settings.good");
        await power.CancelAsync();
        await running;
        Assert.AreEqual(File.ReadAllText(_folder + "settings.json"), File.ReadAllText(_folder + "settings.good"));
        Assert.IsTrue(application.Pins[2].Level == PinValue.High, "the lamp is steady");
        await EndAsync(application);
    }

    [TestMethod]
    public async Task Huzzah32_HavingToldEverything_SaysUntilWhenAndSleeps()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using Watcher watcher = new(broker.Port, "#");
        using PluggedBme280 part = new();
        BoardApplication application = NewBoard("huzzah32", broker.Port);
        Task running = RunAsync(application, speed: 4, CancellationToken.None);

        Assert.AreEqual("presence/GID_a@@@kitchen true", await watcher.NextAsync("presence/"));
        Assert.Contains("\"temp\":25.08,", await watcher.NextAsync("dm/kitchen/tele/climate"), StringComparison.Ordinal);
        Assert.Contains("\"soil\":", await watcher.NextAsync("dm/kitchen/tele/soil"), StringComparison.Ordinal);
        Assert.Contains("\"batt\":", await watcher.NextAsync("dm/kitchen/tele/battery"), StringComparison.Ordinal);
        Assert.DoesNotContain("sleep", await watcher.NextAsync("dm/kitchen/info"), StringComparison.Ordinal);
        while (!(await watcher.NextAsync("dm/kitchen/info")).Contains("\"sleepUntil\":", StringComparison.Ordinal))
        {
            // The first one again: its acknowledgement took more than a second.
        }

        Assert.AreEqual("presence/GID_a@@@kitchen false", await watcher.NextAsync("presence/"));

        await running.WaitAsync(Patience.Limit);
        Assert.IsTrue(application.Loop!.IsStopped);
    }

    [TestMethod]
    public async Task DevKitC_SensorUnplugged_ConnectsAndSaysSo()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using Watcher watcher = new(broker.Port, "#");
        BoardApplication application = NewBoard("esp32-devkitc", broker.Port);
        using CancellationTokenSource power = new();
        Task running = RunAsync(application, speed: 1, power.Token);

        Assert.Contains("\"failed\":[\"bme280\"]", await watcher.NextAsync("dm/kitchen/info"), StringComparison.Ordinal);
        Assert.Contains("\"sensor\":\"bme280\",\"err\":1", await watcher.NextAsync("dm/kitchen/evt/sensor"), StringComparison.Ordinal);

        await power.CancelAsync();
        await running;
        await EndAsync(application);
    }

    private static async Task RunAsync(BoardApplication application, int speed, CancellationToken power)
    {
        application.Start();
        long boot = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        while (!power.IsCancellationRequested && !application.Tick(speed * (long)Stopwatch.GetElapsedTime(boot).TotalMilliseconds))
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task FileAsync(string path)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        using CancellationTokenSource limit = new(Patience.Limit);
        while (!File.Exists(path))
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    // A clean end, so that no thread of the client outlives the test.
    private static async Task EndAsync(BoardApplication application)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        using CancellationTokenSource limit = new(Patience.Limit);
        application.Loop!.RequestStop();
        long now = 1_000_000;
        while (!application.Loop.IsStopped)
        {
            now += 10;
            application.Loop.Tick(now);
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private BoardApplication NewBoard(string board, int port)
    {
        File.WriteAllText(_folder + "settings.json", $$"""{"clientId":"GID_a@@@kitchen","board":"{{board}}","host":"127.0.0.1","port":{{port}}}""");
        return new BoardApplication(new FlashFiles(_folder), new FlashRingFile(_folder + FlashFileName.Outbox, DeviceLimits.FlashFileBytes), new FlashRingFile(_folder + FlashFileName.Commands, DeviceLimits.CommandFileBytes));
    }
}
