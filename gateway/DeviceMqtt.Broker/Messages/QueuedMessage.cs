using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Messages;

/// <summary>A message that waits for one client, with what its subscription made of it.</summary>
/// <param name="Message">Shared by all that wait for it.</param>
/// <param name="QoS">At which this client gets it.</param>
/// <param name="Retain">The RETAIN bit it is delivered with.</param>
/// <param name="Identifiers">Subscription Identifiers; null for none.</param>
/// <param name="Entry">Its number in the custody; 0 when it is in memory alone.</param>
/// <param name="WasSent">A P2P message that was sent to its client before, and waits to go once more: the client may have it.</param>
internal readonly record struct QueuedMessage(Message Message, QoS QoS, bool Retain, uint[]? Identifiers, long Entry = 0, bool WasSent = false);
