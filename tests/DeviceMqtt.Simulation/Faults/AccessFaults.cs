namespace DeviceMqtt.Simulation.Faults;

/// <summary>The wrong ways to ask who may do what that the simulator has to find.</summary>
internal static class AccessFaults
{
    private static readonly string[] Rules =
    [
        "takes who cannot be asked about for gone", "takes a new user of a name for the one before", "does not look at what waits", "lets everybody publish", "lets everybody command",
    ];

    public static PlantedFault[] All { get; } =
    [
        new("access: nobody looks whom a change is about") { ForgetsReview = true },
        .. Rules.Select(static wrong => new PlantedFault($"access: {wrong}") { Access = inner => new WrongAccess(inner, wrong) }),
    ];
}
