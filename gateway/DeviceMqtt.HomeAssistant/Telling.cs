namespace DeviceMqtt.HomeAssistant;

/// <summary>A message to publish, retained.</summary>
/// <param name="Topic">Its Topic Name.</param>
/// <param name="Payload">Empty to remove what is retained there.</param>
internal sealed record Telling(string Topic, byte[] Payload);
