namespace DeviceMqtt.Simulation.Checks;

/// <summary>The gateway has not kept what it promised.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
