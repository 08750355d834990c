namespace DeviceMqtt.Client.Words;

/// <summary>Readings, or an event, of a device.</summary>
/// <param name="Device">What it is called in its topics.</param>
/// <param name="Stream">The stream, or the name of the event.</param>
/// <param name="IsEvent">It is an event.</param>
/// <param name="Sequence">Counted per topic since the boot of the device; 0 if it does not say.</param>
/// <param name="Time">When it was measured; null while the device has no clock.</param>
/// <param name="IsLate">It was sent later than it was measured.</param>
/// <param name="Readings">Numbers by name; booleans are 0 and 1, and what is not known is null.</param>
/// <param name="Json">The payload as it came.</param>
public sealed record Telemetry(
    string Device, string Stream, bool IsEvent, long Sequence, DateTimeOffset? Time, bool IsLate, IReadOnlyDictionary<string, double?> Readings, string Json);
