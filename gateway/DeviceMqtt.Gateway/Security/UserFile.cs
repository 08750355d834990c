using System.Text.Json;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// The users that <c>device add</c> and <c>user add</c> made: <c>users.json</c> in the data folder, by name the hashed password of a device or an
/// object with <c>password</c>, <c>secret</c>, <c>role</c>, <c>clientIds</c> and <c>imported</c> (<see cref="UserEntry"/>). A gateway that runs notices when the file has changed, so nobody has to restart it. A file that cannot be read lets nobody in, and says so once.
/// </summary>
internal sealed class UserFile(string dataFolder, ILogger? log = null)
{
    public const string Name = "users.json";
    private const int BytesMax = 16 * 1024 * 1024; // chosen: fifty thousand users

    private readonly string _path = Path.Combine(dataFolder, Name);
    private Dictionary<string, UserEntry> _users = new(StringComparer.Ordinal);
    private (DateTime Written, long Bytes)? _seen;
    private bool _isUnreadable;

    /// <summary>By user name, as they are in the file now; the same object while it has not changed.</summary>
    public IReadOnlyDictionary<string, UserEntry> Users
    {
        get
        {
            FileInfo file = new(_path);
            (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (now != _seen)
            {
                _seen = now;
                _users = ReadOrNone();
            }

            return _users;
        }
    }

    /// <summary>There are users, or nobody can say whether there are: then nothing is open to those who are none.</summary>
    public bool MayHaveUsers => Users.Count > 0 || _isUnreadable;

    /// <summary>Adds or replaces a user. The file is written anew beside the old one and takes its place: a gateway never sees half of it.</summary>
    /// <exception cref="IOException">The file cannot be read or written; so for the other two.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    /// <exception cref="InvalidDataException">There is a file, and it is not one of ours.</exception>
    public void Set(string userName, UserEntry entry) => _ = Change(users => (users[userName] = entry) is not null);

    /// <summary>Gives a user another password, and makes it a device if it was not there. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    public void Set(string userName, string hash) => _ = Change(users =>
        (users[userName] = users.GetValueOrDefault(userName, new UserEntry()) with { Password = hash, Imported = null }) is not null);

    /// <summary>Changes a user that there is. False if there is none. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    public bool Update(string userName, Func<UserEntry, UserEntry> change) => Change(users =>
    {
        if (!users.TryGetValue(userName, out UserEntry? user))
            return false;
        users[userName] = change(user);
        return true;
    });

    /// <summary>False if there is no such user. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    public bool Remove(string userName) => Change(users => users.Remove(userName));

    /// <summary>Adds those that are not there yet. Throws what <see cref="Set(string, UserEntry)"/> throws.</summary>
    /// <returns>How many were added.</returns>
    public int Import(IReadOnlyDictionary<string, UserEntry> more)
    {
        int added = 0;
        _ = Change(users =>
        {
            foreach ((string name, UserEntry entry) in more)
                added += users.TryAdd(name, entry) ? 1 : 0;
            return added > 0;
        });
        return added;
    }

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="InvalidDataException">It is none; says where.</exception>
    public static Dictionary<string, UserEntry> Parse(ReadOnlyMemory<byte> json, string path)
    {
        Dictionary<string, UserEntry> users = new(StringComparer.Ordinal);
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
                "imported" => entry with { Imported = member.Value.GetString() },
                _ => throw new InvalidDataException($"{path}: '{user.Name}' has '{member.Name}'; a user has password, secret, role, clientIds and imported"),
            };
        return entry.Password is null && entry.Secret is null ? throw new InvalidDataException($"{path}: '{user.Name}' has no password") : entry;
    }

    private bool Change(Func<Dictionary<string, UserEntry>, bool> change)
    {
        PrivateFile.CreateFolder(dataFolder);
        using FileStream exclusive = PrivateFile.Lock(_path);
        Dictionary<string, UserEntry> users = Read();
        if (!change(users))
            return false;
        PrivateFile.ReplaceObject(_path, writer => Write(writer, users));
        return true;
    }

    private Dictionary<string, UserEntry> ReadOrNone()
    {
        _isUnreadable = false;
        try
        {
            return Read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _isUnreadable = true;
            log?.UserFileUnreadable(_path, exception.Message);
            return new(StringComparer.Ordinal);
        }
    }

    private Dictionary<string, UserEntry> Read()
    {
        try
        {
            byte[] json = File.ReadAllBytes(_path); // not File.Exists: that is false, too, where nobody may look
            return json.Length <= BytesMax ? Parse(json, _path) : throw new InvalidDataException($"{_path} has {json.Length} bytes, more than {BytesMax}");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(StringComparer.Ordinal);
        }
    }

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
