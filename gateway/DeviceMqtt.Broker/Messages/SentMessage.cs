namespace DeviceMqtt.Broker.Messages;

/// <summary>A message in flight to an upstream, as a custody has to know it.</summary>
/// <param name="Queued">The message, with its entry; at the QoS it was sent with.</param>
/// <param name="PacketId">Under which it was sent.</param>
/// <param name="IsReceived">QoS 2: PUBREC came.</param>
internal readonly record struct SentMessage(QueuedMessage Queued, ushort PacketId, bool IsReceived);
