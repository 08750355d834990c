using System.Diagnostics;
using DeviceMqtt.Simulation.Faults;

namespace DeviceMqtt.Simulation;

/// <summary>The simulator looks where it should: it finds each of the planted faults, in a few seeds.</summary>
[TestClass]
public sealed class PlantedFaultTests
{
    // Most are found by the first seed; a bound by count, not by time. Sixty seeds take some twenty seconds.
    private const int SeedsMax = 60;

    public static IEnumerable<object[]> Names => PlantedFaults.All.Select(f => new object[] { f.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Fault_Planted_IsFound(string name)
    {
        PlantedFault fault = PlantedFaults.All.Single(f => f.Name == name);
        long began = Stopwatch.GetTimestamp();
        for (int seed = 1; seed <= SeedsMax; seed++)
        {
            Outcome outcome = Scenario.Run(seed, fault);
            if (outcome.Broken is null)
                continue;
            Console.WriteLine($"seed {seed} after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s: {outcome.Broken}");
            return;
        }

        Assert.Fail($"'{name}' was not found in {SeedsMax} seeds");
    }
}
