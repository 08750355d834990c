using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Ports;

/// <summary>Whether a client may connect, and as what.</summary>
/// <param name="Role">What it may do.</param>
/// <param name="Refusal">Why it may not connect, for the log and a 5.0 client; null when it may.</param>
public readonly record struct Admission(ClientRole Role, string? Refusal = null);
