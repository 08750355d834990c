using System.Text.Json;
using DeviceMqtt.Simulator;

namespace DeviceMqtt.Firmware.Tests.Simulator;

/// <summary>Virtual boards that suffer: Wi-Fi drops, restarts, power failures, no clock, slow flash.</summary>
[TestClass]
public sealed class UnluckyBoardTests
{
    private static readonly MishapOptions All = new()
    {
        WifiDropEvery = TimeSpan.FromSeconds(1),
        RebootEvery = TimeSpan.FromSeconds(2),
        BrownOutEvery = TimeSpan.FromSeconds(4),
        NoClockShare = 0.3,
    };

    [TestMethod]
    public void Plan_OfOneSeed_IsTheSame()
    {
        string[] one = Take(new MishapPlan(All, 7));

        CollectionAssert.AreEqual(one, Take(new MishapPlan(All, 7)));
        CollectionAssert.AreNotEqual(one, Take(new MishapPlan(All, 8)));
    }

    [TestMethod]
    public void Plan_HasEachMishapAsOftenAsAsked()
    {
        MishapPlan plan = new(All, 1);
        int[] counts = new int[3];
        double seconds = 0;
        for (int i = 0; i < 7_000; i++)
        {
            (TimeSpan after, Mishap what) = plan.Next()!.Value;
            seconds += after.TotalSeconds;
            counts[(int)what]++;
        }

        Assert.AreEqual(4_000, seconds, 200.0);
        Assert.AreEqual(4_000, counts[(int)Mishap.WifiDrop], 200.0);
        Assert.AreEqual(2_000, counts[(int)Mishap.Reboot], 200.0);
        Assert.AreEqual(1_000, counts[(int)Mishap.BrownOut], 150.0);
        Assert.IsNull(new MishapPlan(new MishapOptions(), 1).Next());
    }

    [TestMethod]
    public async Task Board_ThroughMishaps_TellsEveryBootAndItsReadings()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        using Watcher watcher = new(broker.Port, "#");
        VirtualBoardOptions options = new()
        {
            ClientId = "GID_t@@@kitchen",
            Port = broker.Port,
            Seed = 3,
            Period = TimeSpan.FromMilliseconds(50),
            Tick = TimeSpan.FromMilliseconds(10),
            BackoffFirst = TimeSpan.FromMilliseconds(100),
        };
        MishapOptions mishaps = All with { RebootEvery = TimeSpan.FromSeconds(1), BrownOutEvery = TimeSpan.FromSeconds(1), FlashWriteTime = TimeSpan.FromMilliseconds(100) };
        await using UnluckyBoard board = new(options, mishaps);
        using CancellationTokenSource end = new();
        Task running = board.RunAsync(end.Token);

        HashSet<string> causes = [];
        while (!causes.IsSupersetOf(["power", "reset", "brownout"]))
        {
            string birth = await watcher.NextAsync("dm/kitchen/info");
            causes.Add(JsonDocument.Parse(birth["dm/kitchen/info ".Length..]).RootElement.GetProperty("reset").GetString()!);
        }

        await watcher.NextAsync("dm/kitchen/tele/climate");
        await end.CancelAsync();
        await running.WaitAsync(Patience.Limit);
        Assert.IsGreaterThanOrEqualTo(3, board.Boots);
    }

    [TestMethod]
    public async Task Readings_StoredInOneBoot_AreSentInTheNext()
    {
        SimulatedFlash flash = new(TimeSpan.FromMilliseconds(20));
        VirtualBoardOptions options = new() { ClientId = "GID_t@@@kitchen", Port = 9, Period = TimeSpan.FromMilliseconds(20), Tick = TimeSpan.FromMilliseconds(10), Flash = flash, BootId = 1 };
        TaskCompletionSource stored = new();
        await using (VirtualBoard away = new(options))
        {
            away.Happened += (_, e) => _ = e.Note == DeviceNote.OutboxStored && stored.TrySetResult();
            away.Start();
            await stored.Task.WaitAsync(Patience.Limit);
            await away.KillAsync();
        }

        await using Mosquitto broker = await Mosquitto.StartAsync();
        using Watcher watcher = new(broker.Port, "dm/kitchen/tele/climate");
        await using VirtualBoard back = new(options with { Port = broker.Port, BootId = 2 });
        back.Start();

        string first = await watcher.NextAsync("dm/kitchen/tele/climate");
        Assert.Contains("{\"n\":1,", first, StringComparison.Ordinal);
        Assert.EndsWith(",\"h\":1}", first, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, flash.Writes);
    }

    private static string[] Take(MishapPlan plan) => [.. Enumerable.Range(0, 50).Select(_ => $"{plan.Next()} {plan.NextHasClock()}")];
}
