namespace DeviceMqtt.Gateway.Security;

/// <summary>Section <c>Security</c> of the settings.</summary>
internal sealed class SecurityOptions
{
    /// <summary>Clients without a user name may connect from other machines too.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Passwords by user name: <c>Security:Users:NAME=password</c>.</summary>
    public Dictionary<string, string> Users { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Web pages of other machines that may connect over WebSocket, <c>Security:Origins:0=https://panel.example.org</c>.</summary>
    public List<string> Origins { get; set; } = [];
}
