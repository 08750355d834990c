namespace DeviceMqtt.Gateway.Web;

/// <summary>Somebody who may log in to the console, or a key for the HTTP API.</summary>
/// <param name="Name">By which people know it.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Stored">The hashed password (<see cref="Security.PasswordHash"/>); of a key the SHA-256 of it in hexadecimal.</param>
/// <param name="CreatedUnixMs">When it was made; 0 where that is not known.</param>
internal sealed record ConsoleUser(string Name, ConsoleRole Role, string Stored, long CreatedUnixMs);
