namespace DeviceMqtt.Client.Words;

/// <summary>Whether a client is there, as the gateway says.</summary>
/// <param name="ClientId">Which.</param>
/// <param name="IsOnline">It is connected.</param>
/// <param name="Since">When that changed.</param>
/// <param name="Reason">Why: <c>connected</c>, <c>disconnected</c>, <c>silent</c>, <c>lost</c>, <c>asleep</c>, <c>overdue</c> and so on.</param>
/// <param name="Connection">The number of its connection.</param>
/// <param name="Gateway">Where the gateway is reached; empty when it does not say.</param>
/// <param name="Until">When a device that sleeps is to be back; null for others.</param>
public sealed record DevicePresence(string ClientId, bool IsOnline, DateTimeOffset Since, string Reason, long Connection, string Gateway, DateTimeOffset? Until);
