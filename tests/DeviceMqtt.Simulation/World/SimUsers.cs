using System.Net;
using System.Text;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.World;

/// <summary>
/// The users of a gateway: what their file says, which changes while the gateway runs, and what it has read of that. Each client has a user of its own name; its password may be another than it knows.
/// </summary>
internal sealed class SimUsers(SimWorld world) : IAccessRules
{
    /// <param name="Id">Another one for a user that was removed and added again.</param>
    /// <param name="Password">Of this number.</param>
    /// <param name="Role">As which it is let in.</param>
    /// <param name="Topics">First letters of the topics that it may publish and have, besides its own.</param>
    public sealed record User(long Id, int Password, ClientRole Role, string Topics);

    private readonly Dictionary<string, User> _file = [];
    private readonly Dictionary<string, int> _known = []; // passwords, as the clients know them
    private Dictionary<string, User>? _loaded = []; // null while the file cannot be read
    private long _lastId;

    /// <summary>The gateway has read the file: by name what is there now.</summary>
    public Action<IReadOnlyDictionary<string, User>?>? Loaded { get; set; }

    /// <summary>Nobody can say who is there.</summary>
    public bool IsUnreadable { get; set; }

    public User? Find(string name) => _file.GetValueOrDefault(name);

    /// <param name="name">Of the user, and its client.</param>
    /// <param name="role">As which it is let in.</param>
    /// <param name="topics">As <see cref="User.Topics"/>.</param>
    /// <param name="knownAfterMs">When its client knows its password.</param>
    public void Add(string name, ClientRole role, string topics, long knownAfterMs = 0)
    {
        _file[name] = new User(++_lastId, Password: 1, role, topics);
        world.Tell($"user {name} is added: it is number {_lastId}");
        Learn(name, knownAfterMs);
    }

    public void Remove(string name)
    {
        world.Tell($"user {name} is removed");
        _ = _file.Remove(name);
    }

    public void Change(string name, Func<User, User> change, long knownAfterMs = 0)
    {
        if (Find(name) is not { } user)
            return;
        _file[name] = change(user);
        world.Tell($"user {name} is changed: {_file[name]}");
        Learn(name, knownAfterMs);
    }

    /// <summary>The gateway reads the file.</summary>
    public void Load()
    {
        _loaded = IsUnreadable ? null : new Dictionary<string, User>(_file);
        world.Tell(IsUnreadable ? "the users cannot be read" : "the users are read");
        Loaded?.Invoke(_loaded);
    }

    /// <summary>What a client says of itself.</summary>
    public byte[] PasswordOf(string name) => Encoding.ASCII.GetBytes($"{_known.GetValueOrDefault(name)}");

    public Admission Admit(ConnectPacket connect, EndPoint? remote)
    {
        string name = connect.UserName ?? "";
        if (_loaded is null)
            return new Admission(ClientRole.Device, "the users cannot be read") { IsForNow = true };
        if (!_loaded.TryGetValue(name, out User? user) || name != connect.ClientId || Encoding.ASCII.GetString(connect.Password ?? []) != $"{user.Password}")
            return new Admission(ClientRole.Device, "no such user, or not its password");
        return Admitted(name, user);
    }

    public Admission Recall(string clientId, string? userName, ClientRole role)
    {
        if (userName is null)
            return new Admission(role);
        if (_loaded?.GetValueOrDefault(userName) is { } user)
            return Admitted(userName, user);
        return new Admission(ClientRole.Device, _loaded is null ? "its user is not known now" : "its user is gone") { UserName = userName, IsForNow = _loaded is null, Rights = new Rights(this, userName, null) };
    }

    private Admission Admitted(string name, User user) => new(user.Role) { UserName = name, UserId = user.Id, Rights = new Rights(this, name, user) };

    // What it is then: it may have been changed once more.
    private void Learn(string name, long afterMs) => world.At(afterMs, () => _known[name] = Find(name)?.Password ?? 0);

    private sealed class Rights(SimUsers users, string name, User? user) : IClientRights
    {
        public bool IsCurrent => users._loaded?.GetValueOrDefault(name) == user;

        public bool MayPublish(string topicName) => May(topicName);

        public bool MaySubscribe(string topicFilter) => May(topicFilter);

        public bool MayReceive(string topicName) => May(topicName);

        // Commands, births, receipts and presence are the gateway's to judge.
        private bool May(string topic) => user is not null && (topic.StartsWith("dm/", StringComparison.Ordinal) || topic[0] == '$' || user.Topics.Contains(topic[0], StringComparison.Ordinal));
    }
}
