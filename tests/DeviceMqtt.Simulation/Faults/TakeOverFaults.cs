namespace DeviceMqtt.Simulation.Faults;

/// <summary>The wrong take-overs that the simulator has to find.</summary>
internal static class TakeOverFaults
{
    private static readonly string[] Packets = ["does not read a DISCONNECT", "takes the last message for a goodbye", "passes over a QoS 0 message"];

    public static PlantedFault[] All { get; } =
    [
        new("take-over: the new connection does not wait for what the old one has sent") { Limits = static limits => limits.TakeOverMs = 0 },
        new("take-over: nobody asks what lies unread in the socket") { HidesUnread = true },
        .. Packets.Select(static wrong => new PlantedFault($"take-over: {wrong}") { Packets = _ => new WrongTakeOvers(wrong) }),
    ];
}
