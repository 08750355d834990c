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

    /// <summary>Which user of its name each is, where it is not the first: a user that was removed and added again has another number.</summary>
    public Dictionary<string, long> Ids { get; } = [];

    /// <summary>Nobody can say who the users are.</summary>
    public bool IsUnreadable { get; set; }

    /// <summary>Clients without a user are let in.</summary>
    public bool TakesStrangers { get; set; } = true;

    /// <summary>Who has a Client Identifier of its own.</summary>
    public HashSet<string> Owners { get; } = [];

    public Admission Admit(ConnectPacket connect, EndPoint? remote) => Recall(connect.ClientId, connect.UserName, ClientRole.Operator);

    public Admission Recall(string clientId, string? userName, ClientRole role)
    {
        if (userName is null)
            return new Admission(role) { Rights = new TestRights { Current = () => TakesStrangers } };
        if (IsUnreadable)
            return new Admission(ClientRole.Device, "nobody can say") { UserName = userName, IsForNow = true };
        bool isKnown = Users.TryGetValue(userName, out ClientRole now);
        long id = Ids.GetValueOrDefault(userName);
        TestRights rights = new() { Publish = IsOpen, Subscribe = IsOpen, Receive = IsOpen, Current = () => Users.TryGetValue(userName, out ClientRole then) && then == now && Ids.GetValueOrDefault(userName) == id };
        return new Admission(now, isKnown ? null : "no such user") { UserName = userName, UserId = id, Rights = rights, OwnsClientId = Owners.Contains(userName) };
    }

    private bool IsOpen(string topic) => !Closed.Any(c => topic.StartsWith(c, StringComparison.Ordinal));
}
