using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Broker.Ports;

/// <summary>A message that is in custody for an upstream and does not wait for it yet (<see cref="IUpstream.Keep"/>).</summary>
/// <param name="Upstream">The name of the upstream.</param>
/// <param name="Queued">The message, with its entry.</param>
internal readonly record struct KeptForUpstream(string Upstream, QueuedMessage Queued);
