namespace DeviceMqtt.Simulation.Faults;

/// <summary>The wrong relays that the simulator has to find. Each stands for a kind of mistake.</summary>
internal static class RelayFaults
{
    private static readonly (string Call, string What)[] Custody =
    [
        ("RelaySent", "Packet Identifiers begin at 1 again after a restart"),
        ("RelayReceived", "PUBREC is not kept"),
        ("RelaySettledWhenSent", "the cursor moves before the acknowledgement"),
        ("RelaySettle", "the cursor does not move"),
        ("RelaySetAside", "what was set aside is forgotten over a restart"),
        ("RelaySetAsideIsDelivered", "what is set aside counts as delivered"),
        ("UpstreamInboundOpened", "QoS 2 identifiers of the upstream are not kept"),
        ("UpstreamInboundClosed", "QoS 2 identifiers of the upstream stay open"),
    ];

    private static readonly string[] Tap = ["does not look at via", "loses an offer", "does not know devices", "has no Wills of devices"];

    private static readonly string[] Wire =
    [
        "takes each Session for its own", "takes a second PUBREC for an error", "never sets poison aside", "takes a refusal for an acknowledgement",
        "acknowledges commands without room", "acknowledges commands at once", "sends in the wrong order at a reconnect", "forgets PUBREL", "sends QoS 2 twice",
        "acknowledges to itself", "clears RETAIN", "has no Will", "does not say that it is back", "does not subscribe anew", "does not mind the Receive Maximum",
        "stops without a goodbye", "takes commands that have waited for fresh",
    ];

    public static PlantedFault[] All { get; } =
    [
        .. Custody.Select(c => new PlantedFault($"custody: {c.What}") { Custody = inner => new CustodyDecorator(inner, c.Call) }),
        .. Tap.Select(wrong => new PlantedFault($"tap: {wrong}") { Tap = inner => new WrongTap(inner, wrong) }),
        .. Wire.Select(wrong => new PlantedFault($"wire: {wrong}") { Wire = world => new WrongRelay(world, wrong) }),
        new("time: the wall is what waiting for an upstream is counted by") { Time = static time => new WallForAll(time) },
        new("time: half of what waits for an upstream is not counted") { Time = static time => new SlowTime(time) },
        new PlantedFault("settings: takes the old Session of another node for that of now") { TrustsNodes = true },
    ];
}
