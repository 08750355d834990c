using System.Diagnostics;
using DeviceMqtt.Simulation.Faults;

namespace DeviceMqtt.Simulation;

/// <summary>The simulator looks where it should: it finds each of the planted faults, in a few seeds.</summary>
[TestClass]
public sealed class PlantedFaultTests
{
    // Most are found by the first seed; a bound by count, not by time. Sixty seeds take some twenty seconds.
    private const int SeedsMax = 60;

    public static IEnumerable<object[]> RelayNames => RelayFaults.All.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> CommandNames => CommandFaults.All.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> ClockNames => ClockFaults.All.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> RestoreNames => RestoreFaults.All.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> AccessNames => AccessFaults.All.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> TakeOverNames => TakeOverFaults.All.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> NarrowNames => NarrowFaults.All.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> NarrowRelayNames => NarrowFaults.OfRelay.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> Names => PlantedFaults.All.Select(f => new object[] { f.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Fault_Planted_IsFound(string name) => Find(PlantedFaults.All.Single(f => f.Name == name), static (seed, fault) => Scenario.Run(seed, fault));

    [TestMethod]
    [DynamicData(nameof(RelayNames))]
    public void FaultOfTheRelay_Planted_IsFound(string name) => Find(RelayFaults.All.Single(f => f.Name == name), static (seed, fault) => RelayScenario.Run(seed, fault));

    [TestMethod]
    [DynamicData(nameof(CommandNames))]
    public void FaultOfCommands_Planted_IsFound(string name) => Find(CommandFaults.All.Single(f => f.Name == name), static (seed, fault) => CommandScenario.Run(seed, fault));

    [TestMethod]
    [DynamicData(nameof(ClockNames))]
    public void FaultOfTime_Planted_IsFound(string name) => Find(ClockFaults.All.Single(f => f.Name == name), static (seed, fault) => ClockScenario.Run(seed, fault));

    [TestMethod]
    [DynamicData(nameof(RestoreNames))]
    public void FaultOfARestore_Planted_IsFound(string name) => Find(RestoreFaults.All.Single(f => f.Name == name), static (seed, fault) => RestoreScenario.Run(seed, fault));

    [TestMethod]
    [DynamicData(nameof(AccessNames))]
    public void FaultOfAccess_Planted_IsFound(string name) => Find(AccessFaults.All.Single(f => f.Name == name), static (seed, fault) => AccessScenario.Run(seed, fault));

    [TestMethod]
    [DynamicData(nameof(TakeOverNames))]
    public void FaultOfATakeOver_Planted_IsFound(string name) => Find(TakeOverFaults.All.Single(f => f.Name == name), static (seed, fault) => TakeOverScenario.Run(seed, fault));

    [TestMethod]
    [DynamicData(nameof(NarrowNames))]
    public void FaultAtABound_Planted_IsFound(string name) => Find(NarrowFaults.All.Single(f => f.Name == name), static (seed, fault) => Scenario.Run(seed, fault, isNarrow: true));

    [TestMethod]
    [DynamicData(nameof(NarrowRelayNames))]
    public void FaultAtABoundOfTheRelay_Planted_IsFound(string name) => Find(NarrowFaults.OfRelay.Single(f => f.Name == name), static (seed, fault) => RelayScenario.Run(seed, fault, isNarrow: true));

    private static void Find(PlantedFault fault, Func<int, PlantedFault, Outcome> run)
    {
        long began = Stopwatch.GetTimestamp();
        List<string> others = [];
        int? last = KnownSeeds.Of(fault.Name);
        foreach (int seed in Enumerable.Range(1, SeedsMax).Where(seed => seed != last).Prepend(last ?? 1))
        {
            Outcome outcome = run(seed, fault);
            if (outcome.Broken is null)
                continue;
            // Only a promise that was broken, and one that has to do with the fault: anything may come to grief behind it.
            if (!outcome.IsPromise || !FaultWords.AreIn(outcome.Broken, fault.Name))
            {
                others.Add($"seed {seed}: {outcome.Broken}{(SimulationTests.Given("DEVICEMQTT_STORY") is null ? "" : $"\n{outcome.Story}")}");
                continue;
            }

            Console.WriteLine($"seed {seed} after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s: {outcome.Broken}");
            KnownSeeds.Note(fault.Name, seed);
            return;
        }

        Assert.Fail($"'{fault.Name}' was not found in {SeedsMax} seeds\n{string.Join('\n', others.Take(10))}");
    }
}
