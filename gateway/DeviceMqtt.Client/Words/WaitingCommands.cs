namespace DeviceMqtt.Client.Words;

/// <summary>What waits for a device at the gateway.</summary>
/// <param name="ClientId">Which device.</param>
/// <param name="Count">Messages that wait.</param>
/// <param name="Unanswered">Commands that it has and has not answered.</param>
/// <param name="OldestAge">How long the oldest waits; null when nothing does.</param>
/// <param name="OldestExpiresIn">When the time of the oldest is over; null when nothing waits.</param>
public sealed record WaitingCommands(string ClientId, int Count, int Unanswered, TimeSpan? OldestAge, TimeSpan? OldestExpiresIn);
