namespace DeviceMqtt.Gateway.Security.Users;

/// <summary>Why users may not be changed so, as a sentence; null when they may. Asked about those of the data folder as they are at that moment.</summary>
internal delegate string? UserRule(IReadOnlyDictionary<string, UserEntry> users);
