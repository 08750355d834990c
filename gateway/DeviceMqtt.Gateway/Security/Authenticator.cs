using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Who may connect: anybody from this machine, from elsewhere those with a user name and password, unless the settings say otherwise.</summary>
internal sealed class Authenticator(SecurityOptions options, UserFile? file = null) : IAccessRules
{
    private const string Refusal = "unknown user name or wrong password";
    private readonly PasswordHash _passwords = new();

    public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(RoleOf(connect, remote), Check(connect, remote));

    /// <summary>There are no rules for plain topics yet: whoever is in may publish.</summary>
    public bool MayPublish(string clientId, ClientRole role, string topicName) => true;

    /// <summary>Why a client may not connect; null when it may.</summary>
    public string? Check(ConnectPacket packet, EndPoint? remote)
    {
        if (packet.UserName is null)
        {
            if (options.AllowAnonymous || IsLoopback(remote))
                return null;
            return "anonymous clients are allowed from this machine only";
        }

        IReadOnlyDictionary<string, string>? users = file?.Users;
        if (options.Users.Count == 0 && users is not { Count: > 0 } && (options.AllowAnonymous || IsLoopback(remote)))
            return null; // No user is set up: a name can be no worse than none.
        // The settings are the last word, also against a user of the file with the same name.
        if (!options.Users.TryGetValue(packet.UserName, out string? stored) && users?.TryGetValue(packet.UserName, out stored) != true)
            return Refusal;
        return _passwords.Fits(stored!, packet.Password) ? null : Refusal;
    }

    /// <summary>The role of a client that may connect.</summary>
    public ClientRole RoleOf(ConnectPacket packet, EndPoint? remote)
    {
        if (packet.UserName is { } name && (options.Users.ContainsKey(name) || file?.Users.ContainsKey(name) == true))
            return options.Roles.GetValueOrDefault(name, ClientRole.Device);
        return IsLoopback(remote) ? options.LocalRole : options.AnonymousRole;
    }

    private static bool IsLoopback(EndPoint? remote) =>
        remote is IPEndPoint { Address: var address } && (IPAddress.IsLoopback(address) || (address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(address.MapToIPv4())));
}
