namespace DeviceMqtt.Gateway.Watching;

/// <summary>One line of the log.</summary>
/// <param name="Number">Counts up.</param>
/// <param name="UnixMs">When it was written.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Area">The category of the logger.</param>
/// <param name="Text">One line, without control characters.</param>
internal sealed record LogLine(long Number, long UnixMs, LogLevel Level, string Area, string Text);
