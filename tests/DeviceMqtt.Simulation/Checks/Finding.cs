namespace DeviceMqtt.Simulation.Checks;

/// <summary>What ended a run before its time.</summary>
/// <param name="What">The promise that was broken, or what was thrown.</param>
/// <param name="IsPromise">The gateway has broken a promise; false where it or the scenario threw anything else.</param>
internal sealed record Finding(string What, bool IsPromise);
