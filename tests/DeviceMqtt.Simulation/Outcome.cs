using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>What one run was.</summary>
internal sealed record Outcome(int Seed, long Events, int Faults, int Acknowledged, int Delivered, ulong TraceHash, string? Broken, string Story, bool IsPromise)
{
    /// <summary>How near the small bounds were that it had, in percent.</summary>
    public IReadOnlyDictionary<string, long> Reached { get; init; } = new Dictionary<string, long>();

    /// <summary>Plays a scenario.</summary>
    /// <returns>Which promise was broken, or what the gateway or the scenario threw; null when all went well.</returns>
    public static Finding? Play(Action scenario)
    {
        try
        {
            scenario();
            return null;
        }
        catch (Exception exception)
        {
            return exception is BrokenPromiseException ? new Finding(exception.Message, IsPromise: true) : new Finding(exception.ToString(), IsPromise: false);
        }
    }

    /// <summary>Of a world in which nothing more happens.</summary>
    public static Outcome Of(int seed, SimWorld world, int faults, int acknowledged, int delivered, Finding? broken) =>
        new(seed, world.Events, faults, acknowledged, delivered, world.TraceHash, broken?.What, world.StoryOf(broken?.What ?? ""), broken is { IsPromise: true });
}
