using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>The gateways that do not keep their bounds, or lose something where they do, that the simulator has to find in the worlds of small bounds.</summary>
internal static class NarrowFaults
{
    private static readonly GatewayLimits Roomy = new();

    public static PlantedFault[] All { get; } =
    [
        new("bounds: as many messages wait for a Session as like") { Limits = static limits => limits.QueueMessagesMax = Roomy.QueueMessagesMax },
        new("bounds: as many bytes wait for a Session as like") { Limits = static limits => limits.QueueBytesMax = Roomy.QueueBytesMax },
        new("bounds: as many bytes wait for all as like") { Limits = static limits => limits.QueueBytesTotalMax = Roomy.QueueBytesTotalMax },
        new("bounds: as many P2P messages wait as like") { Limits = static limits => limits.MailboxMessagesMax = Roomy.MailboxMessagesMax },
        new("bounds: as much is retained as likes") { Limits = static limits => limits.RetainedMessagesMax = Roomy.RetainedMessagesMax },
        new("bounds: as much is in flight to a client as likes") { Limits = static limits => limits.InflightMax = Roomy.InflightMax },
        new("packets: does not mind the Receive Maximum of a client") { Packets = static world => new WrongPackets(world, "does not mind the Receive Maximum of a client") },
        new("packets: forgets PUBACK") { Packets = static world => new WrongPackets(world, "forgets PUBACK") },
        new("custody: what is dropped counts as delivered") { Custody = static inner => new CustodyDecorator(inner, "DropIsDelivered") },
    ];

    public static PlantedFault[] OfRelay { get; } =
    [
        new("bounds: as many messages wait for an upstream as like") { Limits = static limits => limits.RelayMessagesMax = Roomy.RelayMessagesMax },
        new("bounds: as much is in flight to an upstream as likes") { Limits = static limits => limits.RelayInflightMax = Roomy.RelayInflightMax },
        new("custody: what is dropped for an upstream counts as delivered") { Custody = static inner => new CustodyDecorator(inner, "DropIsDelivered") },
    ];
}
