namespace DeviceMqtt.Gateway.Web;

/// <summary>A key for the HTTP API.</summary>
/// <param name="Name">By which people know it.</param>
/// <param name="Role">By name, as users have one.</param>
/// <param name="Hash">The SHA-256 of the key, in hexadecimal.</param>
/// <param name="CreatedUnixMs">When it was made.</param>
internal sealed record ApiKey(string Name, string Role, string Hash, long CreatedUnixMs);
