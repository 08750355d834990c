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
        return new Admission(ClientRole.Device, refusal) { UserName = connect.UserName, Rights = new OwnTopics(connect.ClientId) };
    }

    private string? Check(ConnectPacket connect)
    {
        if (connect.UserName is not { } user || !passwords.TryGetValue(user, out string? password) || !IsSame(password, connect.Password))
            return "unknown user name or wrong password";
        if (UserOf(connect.ClientId) != user)
            return $"the Client Identifier has to be {user}, or to begin with {user}-";
        return null; // The broker asks the rights about the topic of the Will.
    }

    private static string UserOf(string clientId) => clientId.Split('-')[0];

    // Takes as long for a wrong password as for the right one.
    private static bool IsSame(string password, byte[]? given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), given);

    /// <summary>Below <c>home/NAME/</c> a client publishes; it may have everything.</summary>
    private sealed class OwnTopics(string clientId) : IClientRights
    {
        private readonly string _own = $"home/{UserOf(clientId)}/";

        public bool IsCurrent => true; // The users of this program never change.

        public bool MayPublish(string topicName)
        {
            bool may = topicName.StartsWith(_own, StringComparison.Ordinal);
            if (!may)
                Console.WriteLine($"refused {clientId}: it may not publish to {topicName}");
            return may;
        }

        public bool MaySubscribe(string topicFilter) => true;

        public bool MayReceive(string topicName) => true;
    }
}
