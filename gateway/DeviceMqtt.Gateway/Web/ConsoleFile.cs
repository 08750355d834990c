using System.Text.Json;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// The people of the console and the keys of the API: <c>console.json</c> in the data folder, mode 600. A file that cannot be read lets nobody in.
/// Without a data folder they are in memory, and gone with the process. Safe from any thread.
/// </summary>
internal sealed class ConsoleFile(string? dataFolder)
{
    public const string Name = "console.json";

    /// <summary>People, and keys, that there may be.</summary>
    public const int EntriesMax = 200;

    private readonly Lock _lock = new();
    private readonly string? _path = dataFolder is null ? null : Path.Combine(dataFolder, Name);
    private Dictionary<string, ConsoleUser> _users = new(StringComparer.Ordinal);
    private Dictionary<string, ConsoleUser> _keys = new(StringComparer.Ordinal);
    private (DateTime Written, long Bytes) _seen;

    /// <summary>Why the file cannot be read; null when it can, or is not there.</summary>
    public string? Fault { get; private set; }

    /// <summary>What is kept outlives the process.</summary>
    public bool IsKept => _path is not null;

    public IReadOnlyList<ConsoleUser> Users
    {
        get
        {
            lock (_lock)
            {
                Look();
                return [.. _users.Values];
            }
        }
    }

    public IReadOnlyList<ConsoleUser> Keys
    {
        get
        {
            lock (_lock)
            {
                Look();
                return [.. _keys.Values];
            }
        }
    }

    public ConsoleUser? FindUser(string name)
    {
        lock (_lock)
        {
            Look();
            return _users.GetValueOrDefault(name);
        }
    }

    /// <summary>Adds or replaces a user.</summary>
    /// <returns>Why it cannot be; null when it is done.</returns>
    public string? SetUser(ConsoleUser user) => Change(() => _users.Count >= EntriesMax && !_users.ContainsKey(user.Name) ? "there are too many users" : Put(_users, user));

    /// <returns>Why it cannot be; null when it is done.</returns>
    public string? RemoveUser(string name) => Change(() => _users.Remove(name) ? null : "there is no such user");

    /// <inheritdoc cref="SetUser"/>
    public string? SetKey(ConsoleUser key) => Change(() => _keys.ContainsKey(key.Name) ? "there is a key of that name" : _keys.Count >= EntriesMax ? "there are too many keys" : Put(_keys, key));

    /// <inheritdoc cref="RemoveUser"/>
    public string? RemoveKey(string name) => Change(() => _keys.Remove(name) ? null : "there is no such key");

    private static string? Put(Dictionary<string, ConsoleUser> all, ConsoleUser one)
    {
        all[one.Name] = one;
        return null;
    }

    private string? Change(Func<string?> change)
    {
        lock (_lock)
        {
            Look();
            if (Fault is not null)
                return Fault;
            if (change() is { } wrong)
                return wrong;
            try
            {
                Write();
                return null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _seen = (DateTime.MaxValue, -1); // what is in memory is not in the file: it is read again
                return exception.Message;
            }
        }
    }

    // A command line may have changed it meanwhile.
    private void Look()
    {
        if (_path is null)
            return;
        FileInfo file = new(_path);
        (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        if (now == _seen)
            return;
        _seen = now;
        (_users, _keys) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        Fault = null;
        try
        {
            if (file.Exists)
                Read(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            (_users, _keys) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
            Fault = $"{_path} cannot be read: {exception.Message}";
        }
    }

    private void Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        ReadAll(document.RootElement.GetProperty("users"), _users);
        ReadAll(document.RootElement.GetProperty("keys"), _keys);
    }

    private static void ReadAll(JsonElement list, Dictionary<string, ConsoleUser> all)
    {
        foreach (JsonProperty one in list.EnumerateObject())
        {
            ConsoleRole role = Enum.Parse<ConsoleRole>(one.Value.GetProperty("role").GetString()!, ignoreCase: true);
            all[one.Name] = new ConsoleUser(one.Name, role, one.Value.GetProperty("stored").GetString()!, one.Value.GetProperty("created").GetInt64());
        }
    }

    private void Write()
    {
        if (_path is null)
            return;
        string next = _path + ".tmp";
        using (FileStream file = PrivateFile.Create(next))
        {
            using Utf8JsonWriter writer = new(file, new JsonWriterOptions { Indented = true });
            writer.WriteStartObject();
            WriteAll(writer, "users", _users);
            WriteAll(writer, "keys", _keys);
            writer.WriteEndObject();
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
        FileInfo written = new(_path);
        _seen = (written.LastWriteTimeUtc, written.Length);
    }

    private static void WriteAll(Utf8JsonWriter writer, string name, Dictionary<string, ConsoleUser> all)
    {
        writer.WriteStartObject(name);
        foreach (ConsoleUser one in all.Values.OrderBy(static u => u.Name, StringComparer.Ordinal))
        {
            writer.WriteStartObject(one.Name);
            writer.WriteString("role", one.Role.ToString().ToLowerInvariant());
            writer.WriteString("stored", one.Stored);
            writer.WriteNumber("created", one.CreatedUnixMs);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
