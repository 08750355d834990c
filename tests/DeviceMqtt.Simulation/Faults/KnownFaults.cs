namespace DeviceMqtt.Simulation.Faults;

/// <summary>What today's gateway does not survive.</summary>
internal static class KnownFaults
{
    /// <summary>When one is mended, take its line out: the usual run has that kind from then on.</summary>
    public static KnownFault[] All { get; } = [];

    public static IEnumerable<FaultKind> Usual => Enum.GetValues<FaultKind>().Except(All.Select(k => k.Kind));
}
