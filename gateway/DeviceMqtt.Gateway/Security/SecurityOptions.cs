using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Section <c>Security</c> of the settings.</summary>
internal sealed class SecurityOptions
{
    /// <summary>Clients without a user name may connect from other machines too.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Passwords by user name, each as it is or hashed (<see cref="PasswordHash"/>): <c>Security:Users:NAME=password</c>.</summary>
    public Dictionary<string, string> Users { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Roles by user name: <c>Security:Roles:NAME=operator</c>. A user without one is a device.</summary>
    public Dictionary<string, string> Roles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Roles of one's own, and other rules for those there are, by name: <c>Security:Rights:ROLE:Publish:0=home/%u/#</c>.</summary>
    public Dictionary<string, RoleRights> Rights { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Client Identifiers that a user may connect with, by user name: <c>Security:ClientIds:NAME:0=sensor-*</c>.</summary>
    public Dictionary<string, List<string>> ClientIds { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Secrets by access key, for clients that sign their Client Identifier (<see cref="SignedLogin"/>): <c>Security:AccessKeys:KEY=SECRET</c>.</summary>
    public Dictionary<string, string> AccessKeys { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The role of clients from this machine that need no password, while there is no user at all.</summary>
    public string LocalRole { get; set; } = Security.Rights.Roles.Operator;

    /// <summary>The role of clients without a user name, where <see cref="AllowAnonymous"/> lets them in.</summary>
    public string AnonymousRole { get; set; } = Security.Rights.Roles.Device;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check()
    {
        foreach ((string name, string role) in Roles)
            if (!HasUser(name))
                return $"Security:Roles:{name} is the role of a user that neither Security:Users nor Security:AccessKeys has";
            else if (!IsRole(role))
                return $"Security:Roles:{name} cannot be '{SafeText.Of(role, 100)}': {RoleWords()}";
        foreach ((string name, List<string> clientIds) in ClientIds)
            if (!HasUser(name))
                return $"Security:ClientIds:{name} is about a user that neither Security:Users nor Security:AccessKeys has";
            else if (clientIds.FindIndex(static id => id.Length == 0) is >= 0 and var empty)
                return $"Security:ClientIds:{name}:{empty} is empty; it must be a Client Identifier, * standing for any characters";
        foreach ((string name, RoleRights rights) in Rights)
            if (rights.Check($"Security:Rights:{name}") is { } wrong)
                return wrong;
        foreach ((string name, string password) in Users)
            if (AccessKeys.ContainsKey(name))
                return $"Security:AccessKeys:{name} is a user of Security:Users too: give one another name";
            else if (password.Length == 0)
                return $"Security:Users:{name} is empty; it must be a password, or a hash of one";
        foreach ((string name, string secret) in AccessKeys)
            if (secret.Length == 0)
                return $"Security:AccessKeys:{name} is empty; it must be the secret of that key";
        return !IsRole(LocalRole) ? $"Security:LocalRole cannot be '{SafeText.Of(LocalRole, 100)}': {RoleWords()}"
            : !IsRole(AnonymousRole) ? $"Security:AnonymousRole cannot be '{SafeText.Of(AnonymousRole, 100)}': {RoleWords()}" : null;
    }

    /// <summary>A user of that name, or an access key, is named here.</summary>
    internal bool HasUser(string name) => Users.ContainsKey(name) || AccessKeys.ContainsKey(name);

    private bool IsRole(string role) => Security.Rights.Roles.BuiltIn.ContainsKey(role) || Rights.ContainsKey(role);

    private string RoleWords() => $"it must be one of {string.Join(", ", Security.Rights.Roles.BuiltIn.Keys.Concat(Rights.Keys).Distinct(StringComparer.OrdinalIgnoreCase))}";

    /// <summary>Web pages of other machines that may connect over WebSocket, <c>Security:Origins:0=https://panel.example.org</c>.</summary>
    public List<string> Origins { get; set; } = [];

    /// <summary>Proxies that are believed when they say for whom they connect: addresses and networks, <c>Security:TrustedProxies:0=127.0.0.1</c>.</summary>
    public List<string> TrustedProxies { get; set; } = [];
}
