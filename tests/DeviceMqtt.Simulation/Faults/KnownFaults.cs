namespace DeviceMqtt.Simulation.Faults;

/// <summary>What today's gateway does not survive.</summary>
internal static class KnownFaults
{
    /// <summary>When one is mended, take its line out: the usual run has that kind from then on.</summary>
    public static KnownFault[] All { get; } = [];

    /// <summary>
    /// Of the relay: nodes that do not share Sessions, and each has an old one when the gateway comes back from another. It is taken for the
    /// Session of now: QoS 2 messages come twice without being counted, or are taken for those that were open there.
    /// </summary>
    public const int OldSessionsSeed = 4;

    public static IEnumerable<FaultKind> Usual => Enum.GetValues<FaultKind>().Except(All.Select(k => k.Kind));
}
