using DeviceMqtt.Gateway.Security.Rights;

namespace DeviceMqtt.Gateway.Security.Users;

/// <summary>
/// The users and roles as they are now, of the settings and of the data folder. Looks whether the files have changed each time it is asked, or once for all that has arrived together
/// (<see cref="LookNumber"/>), and is put together anew then. Safe from any thread.
/// </summary>
/// <param name="options">The settings; see <see cref="Use"/>.</param>
/// <param name="file">The users of the data folder; null where nothing is kept.</param>
/// <param name="roles">The roles of the data folder; null where nothing is kept.</param>
internal sealed class UserDirectory(SecurityOptions options, UserFile? file = null, RoleFile? roles = null)
{
    private static readonly Dictionary<string, UserEntry> NoUsers = [];
    private static readonly Dictionary<string, RoleRights> NoRoles = [];
    private readonly Lock _lock = new();
    private SecurityOptions _options = options;
    private UserTable? _table;
    private object? _usersSeen;
    private object? _rolesSeen;
    private UserTable? _reviewed;
    private long _lookSeen; // behind which the files were looked at last

    /// <summary>What the sockets' thread serves now (<c>Poller.LookNumber</c>); 0 where nothing is known of that, and always when not given. Whoever connects waits for a look at two files on the disk: hundreds
    /// that come together wait for one.</summary>
    public Func<long>? LookNumber { get; init; }

    /// <summary>As they are now; the same object while nothing has changed.</summary>
    public UserTable Now()
    {
        long look = LookNumber?.Invoke() ?? 0;
        lock (_lock)
        {
            if (look != 0 && look == _lookSeen && _table is { } seen)
                return seen;
            _lookSeen = look;
            IReadOnlyDictionary<string, UserEntry> users = file?.Users ?? NoUsers;
            IReadOnlyDictionary<string, RoleRights> ofFile = roles?.Roles ?? NoRoles;
            if (_table is { } table && ReferenceEquals(users, _usersSeen) && ReferenceEquals(ofFile, _rolesSeen))
                return table;
            (_usersSeen, _rolesSeen) = (users, ofFile);
            return _table = new UserTable(_options, users, ofFile, isSure: file is null || users.Count > 0 || !file.MayHaveUsers);
        }
    }

    /// <summary>All users and roles, with these of the data folder.</summary>
    public UserTable With(IReadOnlyDictionary<string, UserEntry> users)
    {
        lock (_lock)
            return new UserTable(_options, users, roles?.Roles ?? NoRoles, isSure: true);
    }

    /// <summary>Other settings count from now on.</summary>
    public void Use(SecurityOptions others)
    {
        lock (_lock)
            (_options, _table) = (others, null);
    }

    /// <summary>Whether anything has changed since the last time this was asked: then clients that are here are to be looked at again.</summary>
    public bool HasChanged()
    {
        UserTable now = Now();
        lock (_lock)
        {
            bool hasChanged = _reviewed is not null && !ReferenceEquals(_reviewed, now);
            _reviewed = now;
            return hasChanged;
        }
    }

    /// <summary>Puts other hashes of the same passwords in the place of those of the data folder.</summary>
    /// <param name="users">By name what is stored, and the other hash of it.</param>
    /// <exception cref="IOException">The file cannot be written; so for the others.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    /// <exception cref="InvalidDataException">It is not one of ours any more.</exception>
    public void Rehash(IReadOnlyDictionary<string, (string Stored, string Hash)> users) => file?.Update(users.Keys, (name, user) => user.Password == users[name].Stored ? user.Rehashed(users[name].Hash) : user);
}
