using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace BrokerWithRules;

/// <summary>
/// A user needs a name and a password, and publishes only below <c>home/NAME/</c>. Its Client Identifiers are NAME or NAME-anything:
/// so they say whose they are, and nobody takes over the Session of another user.
/// </summary>
internal sealed class OwnTopicsOnly(IReadOnlyDictionary<string, string> passwords) : IAccessRules
{
    public Admission Admit(ConnectPacket connect, EndPoint? remote)
    {
        string? refusal = Check(connect);
        if (refusal is not null)
            Console.WriteLine($"refused {remote}: {refusal}");
        return new Admission(ClientRole.Device, refusal);
    }

    public bool MayPublish(string clientId, ClientRole role, string topicName)
    {
        bool may = IsOwn(clientId, topicName);
        if (!may)
            Console.WriteLine($"refused {clientId}: it may not publish to {topicName}");
        return may;
    }

    private string? Check(ConnectPacket connect)
    {
        if (connect.UserName is not { } user || !passwords.TryGetValue(user, out string? password) || !IsSame(password, connect.Password))
            return "unknown user name or wrong password";
        if (UserOf(connect.ClientId) != user)
            return $"the Client Identifier has to be {user}, or to begin with {user}-";
        // The broker publishes the Will when the client is gone, so its topic is checked now.
        return connect.Will is { } will && !IsOwn(connect.ClientId, will.Topic) ? $"it may not publish its Will to {will.Topic}" : null;
    }

    private static bool IsOwn(string clientId, string topicName) =>
        topicName.StartsWith($"home/{UserOf(clientId)}/", StringComparison.Ordinal);

    private static string UserOf(string clientId) => clientId.Split('-')[0];

    // Takes as long for a wrong password as for the right one.
    private static bool IsSame(string password, byte[]? given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), given);
}
