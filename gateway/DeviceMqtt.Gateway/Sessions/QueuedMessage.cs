using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Sessions;

/// <summary>A message that waits for one client, with what its subscription made of it.</summary>
internal readonly record struct QueuedMessage(Message Message, QoS QoS, bool Retain, uint[]? Identifiers);
