using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Gateway.Security.Rights;

namespace DeviceMqtt.Gateway.Security.Users;

/// <summary>One user: how it proves who it is, what it may do, and under which Client Identifiers.</summary>
internal sealed record UserEntry
{
    /// <summary>The password, hashed (<see cref="PasswordHash"/>) or, in the settings, as it is; null for a user that has none.</summary>
    public string? Password { get; init; }

    /// <summary>The secret of an access key: its clients sign their Client Identifier with it (<see cref="SignedLogin"/>); null for an ordinary user.</summary>
    public string? Secret { get; init; }

    /// <summary>Its role, by name.</summary>
    public string Role { get; init; } = Roles.Device;

    /// <summary>
    /// Client Identifiers that it may connect with, <c>*</c> for any characters and <c>?</c> for one. Empty: a user that may not command is bound to
    /// its own name, alone or behind a group; all others may have any.
    /// </summary>
    public IReadOnlyList<string> ClientIds { get; init; } = [];

    /// <summary>
    /// Which user of its name it is, from when it was made on, whatever else is changed: one that is removed and added again is another. 63 random bits, for a
    /// clock may show the same time twice; 0 in the settings, and for a user of a version before, where the name is all that there is.
    /// </summary>
    public long Id { get; init; }

    /// <summary>A number for a user that is made now.</summary>
    public static long NewId() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue | 1;

    /// <summary>What <see cref="Password"/> was imported as, before its first login: a change of the hash is no change of the password then.</summary>
    public string? Imported { get; init; }

    /// <summary>The same while nothing of the user changes but the form of its hash.</summary>
    public string Stamp => field ??= $"{Imported ?? Digest(Password)} {Digest(Secret)} {Role} {Id} {string.Join(' ', ClientIds)}";

    /// <summary>The same password under another hash.</summary>
    public UserEntry Rehashed(string hash) => this with { Password = hash, Imported = Imported ?? Digest(Password) };

    private static string Digest(string? text) => text is null ? "-" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
}
