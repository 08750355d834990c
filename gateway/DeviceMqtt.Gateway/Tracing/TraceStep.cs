namespace DeviceMqtt.Gateway.Tracing;

/// <summary>One step on a way.</summary>
/// <param name="Kind">Which call told it.</param>
/// <param name="Ms">Monotonic milliseconds.</param>
/// <param name="Code">As in the <see cref="TraceEvent"/>.</param>
/// <param name="More">As in the <see cref="TraceEvent"/>.</param>
/// <param name="Value">As in the <see cref="TraceEvent"/>.</param>
/// <param name="Words">Of <see cref="TraceKind.ToldBelow"/>.</param>
internal readonly record struct TraceStep(TraceKind Kind, long Ms, byte Code, byte More, int Value, string? Words);
