using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>The wrong restores that the simulator has to find.</summary>
internal static class RestoreFaults
{
    public static PlantedFault[] All { get; } =
    [
        new("the mark is ignored") { IgnoresMark = true },
        new("the mark goes before the journal knows") { Disk = static (world, memory) => new ForgetfulDisk(world, memory) },
        new("clients are not told")
        {
            Opened = static state =>
            {
                foreach (Session session in state.Sessions.All)
                    session.HasOldIdentifiers = false;
            },
        },
        new("the upstream is taken for what it was")
        {
            Opened = static state =>
            {
                foreach (IUpstreamBacklog backlog in state.Upstreams.Backlogs.Values)
                    backlog.HasOldIdentifiers = false;
            },
        },
        new("the upstream is believed to have let go what it has open") { Wire = static _ => new EarlyRelease() },
        new("who cannot be told does not let go what it has open") { Packets = static world => new NoReleaseFirst(world) },
        new("who has begun anew is not kept") { Custody = static inner => new CustodyDecorator(inner, nameof(ICustody.BeganAnew)) },
    ];
}
