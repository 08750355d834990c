using DeviceMqtt.Gateway.Observability;
using System.Text.Json;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// The users that <c>device add</c> made: <c>users.json</c> in the data folder, one flat object of hashed passwords by user name. A gateway that
/// runs notices when the file has changed, so nobody has to restart it. A file that cannot be read lets nobody in, and says so once.
/// </summary>
internal sealed class UserFile(string dataFolder, ILogger? log = null)
{
    public const string Name = "users.json";

    private readonly string _path = Path.Combine(dataFolder, Name);
    private Dictionary<string, string> _users = new(StringComparer.Ordinal);
    private (DateTime Written, long Bytes)? _seen;
    private bool _isUnreadable;

    /// <summary>Passwords by user name, as they are in the file now.</summary>
    public IReadOnlyDictionary<string, string> Users
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
    public void Set(string userName, string stored)
    {
        Dictionary<string, string> users = Read();
        users[userName] = stored;
        Write(users);
    }

    /// <summary>False if there is no such user. Throws what <see cref="Set"/> throws.</summary>
    public bool Remove(string userName)
    {
        Dictionary<string, string> users = Read();
        if (!users.Remove(userName))
            return false;
        Write(users);
        return true;
    }

    /// <summary>Copies the users from a data folder to a new one, byte for byte: a file that cannot be understood lets nobody in there either.</summary>
    /// <exception cref="IOException">They cannot be read or written; so for the other. Nothing else may be kept then: without them anybody would come in.</exception>
    /// <exception cref="UnauthorizedAccessException">They belong to somebody else.</exception>
    public static void Keep(string from, string to)
    {
        byte[] users;
        try
        {
            users = File.ReadAllBytes(Path.Combine(from, Name));
        }
        catch (FileNotFoundException)
        {
            return;
        }

        PrivateFile.CreateFolder(to);
        using FileStream file = PrivateFile.Create(Path.Combine(to, Name));
        file.Write(users);
        file.Flush(flushToDisk: true);
    }

    private Dictionary<string, string> ReadOrNone()
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

    private Dictionary<string, string> Read()
    {
        Dictionary<string, string> users = new(StringComparer.Ordinal);
        byte[] json;
        try
        {
            json = File.ReadAllBytes(_path); // not File.Exists: that is false, too, where nobody may look
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return users;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty user in document.RootElement.EnumerateObject())
                users[user.Name] = user.Value.GetString() ?? throw new InvalidDataException($"{_path}: '{user.Name}' has no password");
            return users;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{_path} is not a list of users: {exception.Message}", exception);
        }
    }

    private void Write(Dictionary<string, string> users)
    {
        string next = _path + ".tmp";
        using (FileStream file = PrivateFile.Create(next))
        {
            using Utf8JsonWriter writer = new(file, new JsonWriterOptions { Indented = true });
            writer.WriteStartObject();
            foreach ((string name, string stored) in users.OrderBy(static user => user.Key, StringComparer.Ordinal))
                writer.WriteString(name, stored);
            writer.WriteEndObject();
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
    }
}
