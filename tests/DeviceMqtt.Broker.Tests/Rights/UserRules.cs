using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Rights;

/// <summary>Rules of a test that change while the broker runs: users by name, each with what it may now; a name that is not there is turned away.</summary>
internal sealed class UserRules : IAccessRules
{
    public Dictionary<string, ClientRole> Users { get; } = [];

    /// <summary>Topics that nobody may publish to or have; a filter that begins like one is refused.</summary>
    public HashSet<string> Closed { get; } = [];

    /// <summary>Clients without a user are let in.</summary>
    public bool TakesStrangers { get; set; } = true;

    /// <summary>Who has a Client Identifier of its own.</summary>
    public HashSet<string> Owners { get; } = [];

    public Admission Admit(ConnectPacket connect, EndPoint? remote) => Recall(connect.ClientId, connect.UserName, ClientRole.Operator);

    public Admission Recall(string clientId, string? userName, ClientRole role)
    {
        if (userName is null)
            return new Admission(role) { Rights = new TestRights { Current = () => TakesStrangers } };
        bool isKnown = Users.TryGetValue(userName, out ClientRole now);
        TestRights rights = new() { Publish = IsOpen, Subscribe = IsOpen, Receive = IsOpen, Current = () => Users.TryGetValue(userName, out ClientRole then) && then == now };
        return new Admission(now, isKnown ? null : "no such user") { UserName = userName, Rights = rights, OwnsClientId = Owners.Contains(userName) };
    }

    private bool IsOpen(string topic) => !Closed.Any(c => topic.StartsWith(c, StringComparison.Ordinal));
}
