using System.IO.Enumeration;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Security.Users;

/// <summary>All users and roles as they were at one moment, those of the settings before those of the files. Never changes.</summary>
internal sealed class UserTable
{
    private readonly Dictionary<string, UserEntry> _users;
    private readonly SecurityOptions _options;
    private readonly IReadOnlyDictionary<string, RoleRights> _rolesOfFile;

    // Whose a Client Identifier is that an entry names in full.
    private readonly Dictionary<string, string> _ownerByClientId = new(StringComparer.Ordinal);

    // The same of the device name in it.
    private readonly Dictionary<string, string> _ownerByDevice = new(StringComparer.Ordinal);

    /// <param name="options">The settings.</param>
    /// <param name="ofFile">Users of the data folder.</param>
    /// <param name="rolesOfFile">Roles of the data folder.</param>
    /// <param name="isSure">False where the users of the data folder cannot be read: there may be some.</param>
    public UserTable(SecurityOptions options, IReadOnlyDictionary<string, UserEntry> ofFile, IReadOnlyDictionary<string, RoleRights> rolesOfFile, bool isSure)
    {
        _options = options;
        _rolesOfFile = rolesOfFile;
        _users = new Dictionary<string, UserEntry>(ofFile, StringComparer.Ordinal);
        foreach (string name in options.Users.Keys.Union(options.AccessKeys.Keys, StringComparer.Ordinal))
            _users[name] = new UserEntry
            {
                Password = options.Users.GetValueOrDefault(name),
                Secret = options.AccessKeys.GetValueOrDefault(name),
                Role = options.Roles.GetValueOrDefault(name, Roles.Device),
                ClientIds = options.ClientIds.GetValueOrDefault(name, []),
            };
        IsSure = isSure && _users.Count > 0; // a file that was left behind, or not copied, is no word about anybody
        MayHaveUsers = _users.Count > 0 || !isSure;
        foreach ((string name, UserEntry entry) in _users)
            foreach (string clientId in entry.ClientIds.Where(static id => !IsPattern(id)))
                (_ownerByClientId[clientId], _ownerByDevice[ClientNames.DeviceOf(clientId)]) = (name, name);
    }

    /// <summary>The settings.</summary>
    public SecurityOptions Options => _options;

    /// <summary>There are users, or nobody can say whether there are: then nothing is open to those who are none.</summary>
    public bool MayHaveUsers { get; }

    /// <summary>Who is not here is nobody's user. False where the users of the data folder cannot be read, and where there is none at all: there may be more.</summary>
    public bool IsSure { get; }

    /// <summary>All of them, by name.</summary>
    public IReadOnlyDictionary<string, UserEntry> All => _users;

    /// <summary>The settings have it: only there it can be changed.</summary>
    public bool IsOfSettings(string userName) => _options.HasUser(userName);

    public UserEntry? Find(string userName) => _users.GetValueOrDefault(userName);

    /// <summary>The roles that there are, by name.</summary>
    public IEnumerable<string> RoleNames => Roles.BuiltIn.Keys.Concat(_options.Rights.Keys).Concat(_rolesOfFile.Keys).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>What a role may do; null when there is no such role.</summary>
    public RoleRights? FindRole(string role) => Roles.Find(role, _options.Rights, _rolesOfFile);

    /// <summary>The same while a user may do the same, and proves in the same way who it is; null when there is no such user.</summary>
    public string? StampOf(string userName) =>
        Find(userName) is { } user && FindRole(user.Role) is { } role ? $"{user.Stamp} | {role.Stamp}" : null;

    /// <summary>Why a user may not connect with a Client Identifier, for the log; null when it may.</summary>
    /// <param name="userName">Who.</param>
    /// <param name="user">What is known of it.</param>
    /// <param name="clientId">With which; empty where the gateway is to choose one.</param>
    /// <param name="isSigned">The identifier itself was signed with the user's secret.</param>
    public string? WhyNot(string userName, UserEntry user, string clientId, bool isSigned)
    {
        bool isBound = user.ClientIds.Count > 0 ? !user.ClientIds.Any(pattern => Matches(pattern, clientId))
            : !isSigned && FindRole(user.Role) is { ClientRole: ClientRole.Device } && !DeviceTopic.IsOf(clientId, userName);
        if (isBound && !(clientId.Length == 0 && user.ClientIds.Any(IsAny)))
            return $"it may not connect {(clientId.Length == 0 ? "without a Client Identifier" : "with this Client Identifier")}, but with {(user.ClientIds.Count > 0 ? string.Join(" or ", user.ClientIds.Select(static id => SafeText.Of(id, 100))) : "its own name or GID_group@@@name")} (Security:ClientIds)";
        return WhoseElse(userName, clientId, FindRole(user.Role));
    }

    /// <summary>Why a Client Identifier is nothing for a client, since it is another user's, for the log; null when it is not.</summary>
    /// <param name="userName">Who; null for a client without a user.</param>
    /// <param name="clientId">Which.</param>
    /// <param name="role">What the client may. Where it may what the device name says that it says (<c>%d</c>), that name must not be another's either.</param>
    public string? WhoseElse(string? userName, string clientId, RoleRights? role)
    {
        if (OwnerOf(clientId) is { } owner)
            return owner == userName ? null : $"the Client Identifier belongs to user '{owner}'";
        return role is { NamesDevice: true } && OwnerOfDevice(ClientNames.DeviceOf(clientId)) is { } other && other != userName
            ? $"the device name in the Client Identifier belongs to user '{other}'" : null;
    }

    /// <summary>The Client Identifier is bound to this user's credential, and to nobody else's.</summary>
    public bool Owns(string userName, string clientId) => OwnerOf(clientId) == userName;

    /// <summary>The user whose Client Identifier it is; null when it is nobody's.</summary>
    public string? OwnerOf(string clientId)
    {
        if (_ownerByClientId.TryGetValue(clientId, out string? owner))
            return owner;
        string name = ClientId.TrySplitGroup(clientId, out _, out string device) && IsBoundToItsName(device) ? device : clientId;
        return IsBoundToItsName(name) ? name : null;
    }

    // A device is called as its user is, and as the identifiers that a user was given in full.
    private string? OwnerOfDevice(string device) =>
        Find(device) is { Secret: null } user && FindRole(user.Role) is { ClientRole: ClientRole.Device } ? device : _ownerByDevice.GetValueOrDefault(device);

    // A backslash is a character like any other.
    private static bool Matches(string pattern, string clientId) =>
        pattern == clientId || (IsPattern(pattern) && FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), clientId, ignoreCase: false));

    // Whatever the gateway chooses for a client that names none, it stands for that, too.
    private static bool IsAny(string pattern) => pattern.Length > 0 && !pattern.AsSpan().ContainsAnyExcept('*');

    private static bool IsPattern(string clientId) => clientId.AsSpan().IndexOfAny('*', '?') >= 0;

    private bool IsBoundToItsName(string userName) =>
        Find(userName) is { Secret: null, ClientIds.Count: 0 } user && FindRole(user.Role) is { ClientRole: ClientRole.Device };
}
