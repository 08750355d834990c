namespace DeviceMqtt.Simulation.Faults;

/// <summary>A kind of event that today's gateway does not survive; switched off in the usual run. The checks stay on.</summary>
internal sealed record KnownFault(FaultKind Kind, int Seed, string What);
