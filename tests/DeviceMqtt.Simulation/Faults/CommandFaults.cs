namespace DeviceMqtt.Simulation.Faults;

/// <summary>The wrong gateways and boards that the history of the commands has to show. Each stands for a kind of mistake.</summary>
internal static class CommandFaults
{
    private static readonly string[] Calls = ["Hold", "ReceiptOwed", "DeviceKnown"];

    private static readonly string[] Packets =
    [
        "routes a command to another device", "hands over all that waits at once", "tells nobody what became of a command", "acknowledges a command and forgets it",
        "takes an answer for nothing", "shows nobody who has gone",
    ];

    public static PlantedFault[] All { get; } =
    [
        new("board: forgets its file") { ForgetsFiles = true },
        new("time: half of what a command waits is not counted") { Time = time => new SlowTime(time) },
        new("custody: the end of a command and its receipt are not in one frame") { Custody = inner => new CustodyDecorator(inner, "IsOwed") },
        .. Calls.Select(call => new PlantedFault($"custody: {call}") { Custody = inner => new CustodyDecorator(inner, call) }),
        .. Packets.Select(wrong => new PlantedFault($"packets: {wrong}") { Packets = world => new WrongCommands(world, wrong) }),
    ];
}
