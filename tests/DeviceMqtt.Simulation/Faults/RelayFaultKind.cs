namespace DeviceMqtt.Simulation.Faults;

/// <summary>What can go wrong between gateways and upstreams, and with both.</summary>
internal enum RelayFaultKind
{
    CutLink,
    HalfOpenLink,
    CutClients,
    NodeDown,
    NodeUnreachable,
    AllNodesDown,
    SessionsLost,
    UpstreamFull,
    UpstreamSilent,
    UpstreamSlow,
    Kill,
    PowerCut,
    PowerCutAtOperation,
    FailingSync,
    FullDisk,
    KillTwice,
    Stop,
    ClockStep,
}
