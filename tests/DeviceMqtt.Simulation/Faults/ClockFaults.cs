namespace DeviceMqtt.Simulation.Faults;

/// <summary>The wrong gateways that the month without internet has to show. Each stands for a kind of mistake.</summary>
internal static class ClockFaults
{
    private static readonly string[] Packets = ["takes what comes late for measured now", "takes all boots for one"];

    public static PlantedFault[] All { get; } =
    [
        new("time: the wall is believed about the time off") { Machine = () => new BelievedWall() },
        new("time: sure of all") { Wire = _ => new SureOfAll() },
        .. Packets.Select(wrong => new PlantedFault($"packets: {wrong}") { Packets = _ => new WrongClock(wrong) }),
    ];
}
