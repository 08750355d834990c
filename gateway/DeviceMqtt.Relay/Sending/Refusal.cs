using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Relay.Sending;

/// <summary>A message that the upstream has refused, and is in flight still.</summary>
/// <param name="PacketId">Under which it is in flight.</param>
/// <param name="Reason">What the upstream said.</param>
/// <param name="Why">The same for the log.</param>
internal readonly record struct Refusal(ushort PacketId, AsideReason Reason, string Why);
