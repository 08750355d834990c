namespace DeviceMqtt.Gateway.Devices;

/// <summary>One point of a chart.</summary>
/// <param name="UnixMs">When it was measured; of a minute, its middle.</param>
/// <param name="Min">The least of what the point stands for.</param>
/// <param name="Mean">Its mean.</param>
/// <param name="Max">The greatest.</param>
/// <param name="Count">Readings that it stands for.</param>
/// <param name="IsLate">One of them was sent later than it was measured.</param>
internal readonly record struct Reading(long UnixMs, double Min, double Mean, double Max, int Count, bool IsLate);
