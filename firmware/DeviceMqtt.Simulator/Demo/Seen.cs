namespace DeviceMqtt.Simulator;

/// <summary>A message that a <see cref="Watcher"/> saw.</summary>
internal readonly record struct Seen(string Topic, string Payload);
