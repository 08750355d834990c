using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Section <c>Security</c> of the settings.</summary>
internal sealed class SecurityOptions
{
    /// <summary>Clients without a user name may connect from other machines too.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Passwords by user name, each as it is or hashed (<see cref="PasswordHash"/>): <c>Security:Users:NAME=password</c>.</summary>
    public Dictionary<string, string> Users { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Roles by user name: <c>Security:Roles:NAME=operator</c>. A user without one is a device.</summary>
    public Dictionary<string, ClientRole> Roles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The role of clients from this machine that need no password: whoever may log in here may do what the gateway may.</summary>
    public ClientRole LocalRole { get; set; } = ClientRole.Operator;

    /// <summary>The role of clients without a user name from other machines, where they are allowed.</summary>
    public ClientRole AnonymousRole { get; set; } = ClientRole.Device;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check()
    {
        foreach ((string name, _) in Roles)
            if (!Users.ContainsKey(name))
                return $"Security:Roles:{name} is the role of a user that Security:Users does not have";
        return null;
    }

    /// <summary>Web pages of other machines that may connect over WebSocket, <c>Security:Origins:0=https://panel.example.org</c>.</summary>
    public List<string> Origins { get; set; } = [];

    /// <summary>Proxies that are believed when they say for whom they connect: addresses and networks, <c>Security:TrustedProxies:0=127.0.0.1</c>.</summary>
    public List<string> TrustedProxies { get; set; } = [];
}
