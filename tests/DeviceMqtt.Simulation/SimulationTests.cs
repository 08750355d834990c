using System.Diagnostics;
using System.Globalization;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>The gateway in a world that fails, from many seeds. <c>DEVICEMQTT_SEED=n</c> runs one; <c>DEVICEMQTT_SIMULATION_SEEDS=n</c> runs so many from there, or from 1; <c>DEVICEMQTT_SIMULATION_MINUTES=n</c> goes on for so long.</summary>
[TestClass]
public sealed class SimulationTests
{
    private const int UsualSeeds = 24;
    private const int UsualSlowSeeds = 4;
    private const int UsualRelaySeeds = 12;
    private const int UsualNarrowSeeds = 12;
    private const int UsualNarrowRelaySeeds = 8;
    private const int UsualTakeOverSeeds = 8;
    private const int UsualCommandSeeds = 20;
    private const int UsualClockSeeds = 3;
    private const int UsualRestoreSeeds = 15;
    private const int UsualAccessSeeds = 13;
    private const int LongMinutes = 8; // for each of these tests

    private static readonly PlantedFault Slow = new("disk: slow") { Disk = static (world, memory) => new SimDisk(world, memory) { SyncMs = 20 } };

    [TestMethod]
    public void World_FailsAtRandom_PromisesAreKept() => RunMany(static seed => Scenario.Run(seed), UsualSeeds, new Floor(9_000, 14_000, 25, 40));

    // Others append during each sync, so that there is nearly always a frame to write.
    [TestMethod]
    public void World_WithASlowDisk_PromisesAreKept() => RunMany(static seed => Scenario.Run(seed, Slow), UsualSlowSeeds, new Floor(9_000, 15_000, 25, 40));

    [TestMethod]
    public void WorldWithUpstreams_FailsAtRandom_PromisesAreKept() => RunMany(static seed => RelayScenario.Run(seed), UsualRelaySeeds, new Floor(7_000, 20_000, 22, 32));

    [TestMethod]
    public void World_WithSmallBounds_WhatIsDroppedIsInTheLedgerAndNobodyStarves() => RunMany(static seed => Scenario.Run(seed, isNarrow: true), UsualNarrowSeeds, new Floor(9_000, 14_000, 25, 40));

    [TestMethod]
    public void WorldWithUpstreams_WithSmallBounds_WhatIsDroppedIsInTheLedgerAndNobodyStarves() => RunMany(static seed => RelayScenario.Run(seed, isNarrow: true), UsualNarrowRelaySeeds, new Floor(5_000, 15_000, 22, 32));

    [TestMethod]
    public void TakeOver_WhileTheOldConnectionIsUnread_NothingOfItIsLost() => RunMany(static seed => TakeOverScenario.Run(seed), UsualTakeOverSeeds, new Floor(3_000, 4_000, 60, 85));

    [TestMethod]
    public void Commands_BoardsAndGatewayFail_EachOnceInItsTimeOrToldWhyNot() => RunMany(static seed => CommandScenario.Run(seed), UsualCommandSeeds, new Floor(5_000, 11_000, 22, 32));

    [TestMethod]
    public void Restore_OfAnOlderImage_NothingOfItIsLostNorRepeated() => RunMany(static seed => RestoreScenario.Run(seed), UsualRestoreSeeds, new Floor(20_000, 40_000, 20, 28));

    [TestMethod]
    public void Access_UsersChangeAndGatewayFails_NobodyGetsWhatItMayNotAndNothingElseIsLost() => RunMany(static seed => AccessScenario.Run(seed), UsualAccessSeeds, new Floor(8_000, 10_000, 40, 60));

    [TestMethod]
    public void Month_WithoutInternet_EveryReadingWithinASecondOrMarked() => RunMany(static seed => ClockScenario.Run(seed), UsualClockSeeds, new Floor(90_000, 130_000, 45, 65));

    private static void RunMany(Func<int, Outcome> run, int usual, Floor floor)
    {
        long began = Stopwatch.GetTimestamp();
        int first = Given("DEVICEMQTT_SEED") ?? 1;
        double minutes = Given("DEVICEMQTT_SIMULATION_MINUTES") ?? (LongRun.IsOn ? LongMinutes : 0);
        int least = Given("DEVICEMQTT_SIMULATION_SEEDS") ?? (Given("DEVICEMQTT_SEED") is not null && minutes == 0 ? 1 : usual);
        List<Outcome> outcomes = [];
        List<Outcome> broken = [];
        for (int seed = first; broken.Count < 5 && (seed < first + least || Stopwatch.GetElapsedTime(began).TotalMinutes < minutes); seed++)
        {
            Outcome outcome = run(seed);
            outcomes.Add(outcome);
            if (outcome.Broken is not null)
                broken.Add(outcome);
        }

        Console.WriteLine($"{outcomes.Count} seeds, {outcomes.Sum(o => o.Events)} events, {outcomes.Sum(o => o.Faults)} faults, {outcomes.Sum(o => o.Acknowledged)} acknowledged, {outcomes.Sum(o => o.Delivered)} delivered in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
        Assert.IsEmpty(broken, string.Join("\n\n", broken.Select(Tell)));
        floor.Check(outcomes);
    }

    [TestMethod]
    public void Seed_RunTwice_LeavesTheSameTrace()
    {
        AssertSame(static () => Scenario.Run(1));
        AssertSame(static () => Scenario.Run(1, isNarrow: true));
        AssertSame(static () => RelayScenario.Run(1));
        AssertSame(static () => RelayScenario.Run(1, isNarrow: true));
        AssertSame(static () => RelayScenario.Run(2)); // another stage
        AssertSame(static () => TakeOverScenario.Run(1));
        AssertSame(static () => CommandScenario.Run(1));
        AssertSame(static () => RestoreScenario.Run(1));
        AssertSame(static () => AccessScenario.Run(1));
        AssertSame(static () => ClockScenario.Run(1));
    }

    internal static string Tell(Outcome outcome) => $"DEVICEMQTT_SEED={outcome.Seed}: {outcome.Broken}\n{outcome.Story}";

    private static void AssertSame(Func<Outcome> run)
    {
        (Outcome one, Outcome other) = (run(), run());
        Assert.AreEqual((one.TraceHash, one.Events), (other.TraceHash, other.Events), $"seed {one.Seed}");
    }

    internal static int? Given(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
