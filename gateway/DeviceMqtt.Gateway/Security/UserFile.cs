using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// The users that <c>device add</c> and <c>user add</c> made: <c>users.json</c> in the data folder, by name the hashed password of a device or an
/// object with <c>password</c>, <c>secret</c>, <c>role</c>, <c>clientIds</c> and <c>imported</c> (<see cref="UserEntry"/>). A gateway that runs notices when the file has changed, so nobody has to restart it. A file that cannot be read lets nobody in, and says so once.
/// Without a data folder they are in memory, and gone with the process.
/// </summary>
internal sealed class UserFile
{
    public const string Name = "users.json";
    private const int BytesMax = 16 * 1024 * 1024; // chosen: fifty thousand users

    private readonly Lock _lock = new();
    private readonly string? _dataFolder;
    private readonly WatchedFile<Dictionary<string, UserEntry>>? _file;
    private volatile Dictionary<string, UserEntry> _users = NoUsers();

    public UserFile(string? dataFolder, ILogger? log = null)
    {
        _dataFolder = dataFolder;
        if (dataFolder is null)
            return;
        string path = Path.Combine(dataFolder, Name);
        _file = new WatchedFile<Dictionary<string, UserEntry>>(path, BytesMax, Parse, NoUsers, why => log?.UserFileUnreadable(path, why));
    }

    /// <summary>By user name, as they are in the file now; the same object while it has not changed.</summary>
    public IReadOnlyDictionary<string, UserEntry> Users => _file?.Value ?? _users;

    /// <summary>There are users, or nobody can say whether there are: then nothing is open to those who are none.</summary>
    public bool MayHaveUsers => Users.Count > 0 || _file?.Fault is not null;

    /// <summary>As <see cref="Users"/>, for one who has to know: none is not the same as not known.</summary>
    /// <exception cref="IOException">They cannot be read; so for the others. Says which file, and why.</exception>
    /// <exception cref="UnauthorizedAccessException">The file belongs to somebody else.</exception>
    /// <exception cref="InvalidDataException">It is not one of ours.</exception>
    public IReadOnlyDictionary<string, UserEntry> RequireUsers()
    {
        IReadOnlyDictionary<string, UserEntry> users = Users;
        return users.Count > 0 || !MayHaveUsers ? users : Read();
    }

    /// <summary>As <see cref="Users"/>, for one who has to know what is wrong. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    public IReadOnlyDictionary<string, UserEntry> Read() => _file?.Read() ?? _users;

    /// <summary>Adds or replaces a user. The file is written anew beside the old one and takes its place: a gateway never sees half of it.</summary>
    /// <exception cref="IOException">The file cannot be read or written; so for the other two.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    /// <exception cref="InvalidDataException">There is a file, and it is not one of ours.</exception>
    public void Set(string userName, UserEntry entry) => _ = Change(users => Put(users, userName, entry));

    /// <summary>Gives a user another password, and makes it a device if it was not there. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    public void Set(string userName, string hash) => _ = Change(users =>
        Put(users, userName, users.GetValueOrDefault(userName, new UserEntry()) with { Password = hash, Imported = null }));

    /// <summary>Changes a user that there is. False if there is none. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    public bool Update(string userName, Func<UserEntry, UserEntry> change) => Change(users =>
    {
        if (!users.TryGetValue(userName, out UserEntry? user))
            return false;
        users[userName] = change(user);
        return true;
    });

    /// <summary>Changes those of some users that there are, with one writing. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    public void Update(IEnumerable<string> userNames, Func<string, UserEntry, UserEntry> change) => _ = Change(users =>
    {
        bool hasChanged = false;
        foreach (string name in userNames)
            if (users.TryGetValue(name, out UserEntry? user))
                hasChanged |= (users[name] = change(name, user)) != user;
        return hasChanged;
    });

    /// <summary>Adds or replaces a user where a rule lets it. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    /// <returns>Why not; null when it is done.</returns>
    public string? TrySet(string userName, UserEntry entry, UserRule rule) => TryChange(users => Put(users, userName, entry), rule);

    /// <summary>Changes a user, which may not be there, where a rule lets it. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    /// <returns>Why not; null when it is done.</returns>
    public string? TrySet(string userName, Func<UserEntry?, UserEntry> change, UserRule rule) => TryChange(users => Put(users, userName, change(users.GetValueOrDefault(userName))), rule);

    /// <summary>Removes a user where a rule lets it. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    /// <returns>Why not; null when it is done.</returns>
    public string? TryRemove(string userName, UserRule rule) => TryChange(users => users.Remove(userName), rule);

    // The rule is asked about the users that there are then, under the lock of the file: nobody changes them in between.
    private string? TryChange(Func<Dictionary<string, UserEntry>, bool> change, UserRule rule)
    {
        string? why = null;
        _ = Change(users => (why = rule(users)) is null && change(users));
        return why;
    }

    /// <summary>Adds those that are not there yet. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    /// <returns>How many were added.</returns>
    public int Import(IReadOnlyDictionary<string, UserEntry> more)
    {
        int added = 0;
        _ = Change(users =>
        {
            foreach ((string name, UserEntry entry) in more)
                added += !users.ContainsKey(name) && Put(users, name, entry) ? 1 : 0;
            return added > 0;
        });
        return added;
    }

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="InvalidDataException">It is none; says where.</exception>
    public static Dictionary<string, UserEntry> Parse(ReadOnlyMemory<byte> json, string path)
    {
        Dictionary<string, UserEntry> users = NoUsers();
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty user in document.RootElement.EnumerateObject())
                users[user.Name] = user.Value.ValueKind == JsonValueKind.String ? new UserEntry { Password = user.Value.GetString() } : ParseEntry(user, path);
            return users;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is not a list of users: {exception.Message}", exception);
        }
    }

    private static UserEntry ParseEntry(JsonProperty user, string path)
    {
        UserEntry entry = new();
        foreach (JsonProperty member in user.Value.EnumerateObject())
            entry = member.Name switch
            {
                "password" => entry with { Password = member.Value.GetString() },
                "secret" => entry with { Secret = member.Value.GetString() },
                "role" => entry with { Role = member.Value.GetString() ?? "" },
                "clientIds" => entry with { ClientIds = [.. member.Value.EnumerateArray().Select(static id => id.GetString() ?? "")] },
                "id" => entry with { Id = ParseId(member.Value.GetString()) ?? throw new InvalidDataException($"{path}: '{user.Name}' has an id that is none: 16 hexadecimal digits") },
                "imported" => entry with { Imported = member.Value.GetString() },
                _ => throw new InvalidDataException($"{path}: '{user.Name}' has '{member.Name}'; a user has password, secret, role, clientIds, id and imported"),
            };
        return entry.Password is null && entry.Secret is null ? throw new InvalidDataException($"{path}: '{user.Name}' has no password") : entry;
    }

    // Whoever takes the place of a user is that user; who takes nobody's is a new one.
    private static bool Put(Dictionary<string, UserEntry> users, string userName, UserEntry entry)
    {
        users[userName] = entry with { Id = users.TryGetValue(userName, out UserEntry? before) ? before.Id : UserEntry.NewId() };
        return true;
    }

    private static long? ParseId(string? text) => long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long id) && id > 0 ? id : null;

    private bool Change(Func<Dictionary<string, UserEntry>, bool> change)
    {
        if (_file is null)
            return ChangeInMemory(change);
        PrivateFile.CreateFolder(_dataFolder!);
        using FileStream exclusive = PrivateFile.Lock(_file.Path);
        Dictionary<string, UserEntry> users = _file.Read();
        if (!change(users))
            return false;
        PrivateFile.ReplaceObject(_file.Path, writer => Write(writer, users));
        return true;
    }

    private bool ChangeInMemory(Func<Dictionary<string, UserEntry>, bool> change)
    {
        lock (_lock)
        {
            Dictionary<string, UserEntry> users = new(_users, StringComparer.Ordinal);
            if (!change(users))
                return false;
            _users = users;
            return true;
        }
    }

    private static Dictionary<string, UserEntry> NoUsers() => new(StringComparer.Ordinal);

    private static void Write(Utf8JsonWriter writer, Dictionary<string, UserEntry> users)
    {
        foreach ((string name, UserEntry entry) in users.OrderBy(static user => user.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject(name);
            WriteIfThere("password", entry.Password);
            WriteIfThere("secret", entry.Secret);
            writer.WriteString("role", entry.Role);
            if (entry.ClientIds.Count > 0)
            {
                writer.WriteStartArray("clientIds");
                foreach (string clientId in entry.ClientIds)
                    writer.WriteStringValue(clientId);
                writer.WriteEndArray();
            }

            WriteIfThere("id", entry.Id == 0 ? null : entry.Id.ToString("x16", CultureInfo.InvariantCulture));
            WriteIfThere("imported", entry.Imported);
            writer.WriteEndObject();
        }

        void WriteIfThere(string member, string? value)
        {
            if (value is not null)
                writer.WriteString(member, value);
        }
    }
}
