namespace DeviceMqtt.Gateway.Devices;

/// <summary>One thing that happened to a command.</summary>
/// <param name="Name">Which.</param>
/// <param name="UnixMs">When.</param>
/// <param name="Why">One more word; empty for none.</param>
internal readonly record struct CommandStep(string Name, long UnixMs, string Why);
