namespace DeviceMqtt.Simulation;

/// <summary>What the runs of a scenario have to be at least, so that no change makes them idle unseen.</summary>
/// <param name="EventsMin">Events of each seed.</param>
/// <param name="EventsMedian">Of the one in the middle.</param>
/// <param name="FaultsMin">Faults of each seed.</param>
/// <param name="FaultsMedian">Of the one in the middle.</param>
internal sealed record Floor(long EventsMin, long EventsMedian, int FaultsMin, int FaultsMedian)
{
    private const int NearPercent = 90; // messages of one size do not fill it
    private const int FewSeeds = 10; // the one in the middle says nothing

    public void Check(IReadOnlyList<Outcome> outcomes)
    {
        long[] events = [.. outcomes.Select(static o => o.Events).Order()];
        int[] faults = [.. outcomes.Select(static o => o.Faults).Order()];
        Console.WriteLine($"events of a seed: {events[0]} at least, {events[events.Length / 2]} in the middle; faults: {faults[0]} at least, {faults[faults.Length / 2]} in the middle");
        foreach (IGrouping<string, KeyValuePair<string, long>> reached in outcomes.SelectMany(static o => o.Reached).GroupBy(static r => r.Key))
            Console.WriteLine($"{reached.Key}: the bound was reached, or nearly, in {reached.Count(static r => r.Value >= NearPercent)} seeds");
        Assert.IsGreaterThanOrEqualTo(EventsMin, events[0], "events of the seed with the fewest");
        Assert.IsGreaterThanOrEqualTo(FaultsMin, faults[0], "faults of the seed with the fewest");
        if (outcomes.Count < FewSeeds)
            return;
        Assert.IsGreaterThanOrEqualTo(EventsMedian, events[events.Length / 2], "events of the seed in the middle");
        Assert.IsGreaterThanOrEqualTo(FaultsMedian, faults[faults.Length / 2], "faults of the seed in the middle");
    }
}
