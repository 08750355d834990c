namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>The Will Message a client leaves with the broker.</summary>
internal sealed record Will(string Topic, string Payload, int QoS = 0, bool Retain = false);
