using System.Text.Json;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// The keys of the HTTP API: <c>api-keys.json</c> in the data folder, mode 600. A file that cannot be read lets nobody in. Without a data folder they
/// are in memory, and gone with the process. Safe from any thread.
/// </summary>
internal sealed class KeyFile(string? dataFolder)
{
    public const string Name = "api-keys.json";

    /// <summary>Keys that there may be.</summary>
    public const int KeysMax = 200;

    private readonly Lock _lock = new();
    private readonly string? _path = dataFolder is null ? null : Path.Combine(dataFolder, Name);
    private Dictionary<string, ApiKey> _keys = new(StringComparer.Ordinal);
    private (DateTime Written, long Bytes) _seen;
    private string? _fault;

    public IReadOnlyList<ApiKey> Keys
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

    /// <returns>Why it cannot be; null when it is done.</returns>
    public string? Add(ApiKey key) => Change(() => _keys.Count >= KeysMax ? "there are too many keys" : _keys.TryAdd(key.Name, key) ? null : "there is a key of that name");

    /// <returns>Why it cannot be; null when it is done.</returns>
    public string? Remove(string name) => Change(() => _keys.Remove(name) ? null : "there is no such key");

    private string? Change(Func<string?> change)
    {
        lock (_lock)
        {
            Look();
            if (_fault is not null)
                return _fault;
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

    // Somebody may have changed it meanwhile.
    private void Look()
    {
        if (_path is null)
            return;
        FileInfo file = new(_path);
        (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        if (now == _seen)
            return;
        _seen = now;
        _keys = new(StringComparer.Ordinal);
        _fault = null;
        try
        {
            if (file.Exists)
                _keys = Read(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            _fault = $"{_path} cannot be read: {exception.Message}";
        }
    }

    private static Dictionary<string, ApiKey> Read(string path)
    {
        Dictionary<string, ApiKey> keys = new(StringComparer.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (JsonProperty one in document.RootElement.EnumerateObject())
            keys[one.Name] = new ApiKey(one.Name, one.Value.GetProperty("role").GetString() ?? "", one.Value.GetProperty("hash").GetString() ?? "", one.Value.GetProperty("created").GetInt64());
        return keys;
    }

    private void Write()
    {
        if (_path is null)
            return;
        PrivateFile.ReplaceObject(_path, writer =>
        {
            foreach (ApiKey key in _keys.Values.OrderBy(static k => k.Name, StringComparer.Ordinal))
            {
                writer.WriteStartObject(key.Name);
                writer.WriteString("role", key.Role);
                writer.WriteString("hash", key.Hash);
                writer.WriteNumber("created", key.CreatedUnixMs);
                writer.WriteEndObject();
            }
        });
        FileInfo written = new(_path);
        _seen = (written.LastWriteTimeUtc, written.Length);
    }
}
