namespace DeviceMqtt.Simulation;

/// <summary>What one run was.</summary>
internal sealed record Outcome(int Seed, long Events, int Faults, int Acknowledged, int Delivered, ulong TraceHash, string? Broken, string Story);
