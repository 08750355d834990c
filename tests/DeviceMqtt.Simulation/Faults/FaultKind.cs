namespace DeviceMqtt.Simulation.Faults;

/// <summary>What can go wrong in the world.</summary>
internal enum FaultKind
{
    Cut,
    HalfOpen,
    TakeOver,
    Leave,
    ManyCuts,
    Kill,
    PowerCut,
    PowerCutAtOperation,
    FailingSync,
    FullDisk,
    ClockStep,
    Stop,
    FolderGone,
}
