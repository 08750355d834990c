using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Clocks;
using DeviceMqtt.Journal;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>A wrong gateway, made wrong at one of its ports, that the simulator must find.</summary>
internal sealed record PlantedFault(string Name)
{
    public Func<ICustody, ICustody>? Custody { get; init; }

    public Func<SimWorld, MemoryStorage, SimDisk>? Disk { get; init; }

    public Func<IMachineClock>? Machine { get; init; }

    public Func<SimTime, TimeProvider>? Time { get; init; }

    /// <summary>Between broker and relay.</summary>
    public Func<IUpstream, IUpstream>? Tap { get; init; }

    /// <summary>Which topics it takes for volatile.</summary>
    public Func<string, bool>? IsVolatile { get; init; }

    /// <summary>Made once for each gateway and upstream.</summary>
    public Func<SimWorld, WireFault>? Wire { get; init; }

    /// <summary>Made anew for each connection.</summary>
    public Func<SimWorld, PacketFault>? Packets { get; init; }

    /// <summary>Believes that all nodes of an upstream have the same Sessions.</summary>
    public bool TrustsNodes { get; init; }

    /// <summary>A restored journal is not marked as one.</summary>
    public bool IgnoresMark { get; init; }

    /// <summary>Called when the state is there, before anybody connects.</summary>
    public Action<BrokerState>? Opened { get; init; }

    /// <summary>Who is let in, asked wrongly.</summary>
    public Func<IAccessRules, IAccessRules>? Access { get; init; }

    /// <summary>Nobody looks whom a change of the users is about.</summary>
    public bool ForgetsReview { get; init; }

    /// <summary>The boards lose what they have carried out with a reset.</summary>
    public bool ForgetsFiles { get; init; }

    /// <summary>Bounds that it does not keep.</summary>
    public Action<GatewayLimits>? Limits { get; init; }

    /// <summary>A clean stop takes the Wills of all who are there for done with.</summary>
    public bool ForgetsWillsAtStop { get; init; }

    /// <summary>Who is asked how much lies in a socket says nothing.</summary>
    public bool HidesUnread { get; init; }
}
