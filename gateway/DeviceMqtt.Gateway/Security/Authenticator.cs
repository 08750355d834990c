using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Who may connect: anybody from this machine, from elsewhere those with a user name and password, unless the settings say otherwise.</summary>
internal sealed class Authenticator(SecurityOptions options)
{
    /// <summary>Why a client may not connect; null when it may.</summary>
    public string? Check(ConnectPacket packet, EndPoint? remote)
    {
        if (packet.UserName is null)
        {
            if (options.AllowAnonymous || IsLoopback(remote))
                return null;
            return "anonymous clients are allowed from this machine only";
        }

        if (options.Users.Count == 0 && (options.AllowAnonymous || IsLoopback(remote)))
            return null; // No user is set up: a name can be no worse than none.
        if (!options.Users.TryGetValue(packet.UserName, out string? password))
            return "unknown user name or wrong password";
        // In the same time whether the first or the last byte differs.
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), packet.Password)
            ? null
            : "unknown user name or wrong password";
    }

    /// <summary>The role of a client that may connect.</summary>
    public ClientRole RoleOf(ConnectPacket packet, EndPoint? remote)
    {
        if (packet.UserName is { } name && options.Users.ContainsKey(name))
            return options.Roles.GetValueOrDefault(name, ClientRole.Device);
        return IsLoopback(remote) ? options.LocalRole : options.AnonymousRole;
    }

    private static bool IsLoopback(EndPoint? remote) =>
        remote is IPEndPoint { Address: var address } && (IPAddress.IsLoopback(address) || (address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(address.MapToIPv4())));
}
