namespace DeviceMqtt.Gateway.Watching;

/// <summary>A message that a page watches.</summary>
/// <param name="Topic">Topic Name.</param>
/// <param name="Payload">Its first bytes.</param>
/// <param name="Bytes">How many it has.</param>
/// <param name="QoS">Of its publisher.</param>
/// <param name="Retain">It was published with RETAIN.</param>
/// <param name="UnixMs">When it came.</param>
/// <param name="Skipped">How many before it were not shown.</param>
/// <param name="Publisher">Client Identifier; empty for the gateway and upstreams.</param>
internal sealed record LiveMessage(string Topic, byte[] Payload, int Bytes, int QoS, bool Retain, long UnixMs, long Skipped, string Publisher);
