using DeviceMqtt.Broker.Sessions;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>The wrong gateways that the simulator has to find. Each stands for a kind of mistake.</summary>
internal static class PlantedFaults
{
    private static readonly string[] Calls = ["BeginFrame", "NewWaitingList", "Hold", "Sent", "Received", "Settle", "SettleTwice", "Retain", "Unretain", "SessionBegan", "SessionLeft", "Subscribed", "Unsubscribed", "Owed", "RetainedGiven", "InboundOpened", "InboundClosed", "WillIs"];

    private static readonly string[] Packets =
    [
        "answers PINGREQ with nothing", "forgets PUBREL", "forgets PUBREC", "acknowledges a PUBLISH and forgets it", "forgets RETAIN",
        "handles a PUBLISH of QoS 2 as QoS 0 as well", "takes SUBSCRIBE for PINGREQ", "sends a PUBLISH of QoS 2 twice", "sends two PUBLISH in the wrong order",
        "loses a PUBLISH", "loses PUBCOMP", "loses SUBACK", "sends a foreign payload", "says that there is no Session", "takes a broken connection for a DISCONNECT",
    ];

    private static readonly string[] Routes =
    [
        "sends a PUBLISH to another client", "sends under another topic", "takes UNSUBSCRIBE for PINGREQ", "changes a byte of a large payload", "cuts a large payload",
        "loses a PUBLISH to a clean Session", "adds a day to what a PUBLISH has to live",
    ];

    public static PlantedFault[] All { get; } =
    [
        new("disk: sync does nothing") { Disk = (world, memory) => new LyingDisk(world, memory, syncs: false) },
        new("disk: the names are not synced") { Disk = (world, memory) => new LyingDisk(world, memory, syncsNames: false) },
        new("disk: a write is lost") { Disk = (world, memory) => new LyingDisk(world, memory, dropsWrites: true) },
        new("disk: a bit of a frame goes wrong") { Disk = (world, memory) => new LyingDisk(world, memory, damages: true) },
        new("disk: nobody looks whether its folder is there") { Disk = static (world, memory) => new BlindDisk(world, memory) },
        new("stop: forgets the Wills of who is there") { ForgetsWillsAtStop = true },
        new("disk: what the system shows after a failed sync is believed") { Disk = (world, memory) => new TrustingDisk(world, memory) },
        new("disk: commits end") { Disk = (world, memory) => new LyingDisk(world, memory, commits: false) },
        new("time: the wall is believed about the time off") { Machine = () => new BelievedWall() },
        new("time: the wall is what waiting is counted by") { Time = time => new WallForAll(time) },
        new("time: half of what a message waits is not counted") { Time = time => new SlowTime(time) },
        new("wills: one with a delay is forgotten by a start")
        {
            Opened = static state =>
            {
                foreach (Session session in state.Sessions.All)
                    session.Will = null;
            },
        },
        new("wills: one with a delay is published although its client is back") { Opened = static state => LateWills.Gateway = state, Packets = static world => new LateWills(world) },
        new("topics: all are taken for volatile") { IsVolatile = static _ => true },
        .. Calls.Select(call => new PlantedFault($"custody: {call}") { Custody = inner => new CustodyDecorator(inner, call) }),
        .. Routes.Select(wrong => new PlantedFault($"routes: {wrong}") { Packets = world => new WrongRoutes(world, wrong) }),
        .. Packets.Select(wrong => new PlantedFault($"packets: {wrong}") { Packets = world => new WrongPackets(world, wrong) }),
    ];
}
