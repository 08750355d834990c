using System.Text.Json;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// The keys of the HTTP API: <c>api-keys.json</c> in the data folder, mode 600. A file that cannot be read lets nobody in. Without a data folder they
/// are in memory, and gone with the process. Safe from any thread.
/// </summary>
internal sealed class KeyFile
{
    public const string Name = "api-keys.json";

    /// <summary>Keys that there may be.</summary>
    public const int KeysMax = 200;

    private const int BytesMax = 1024 * 1024; // chosen: far more than that many keys take
    private readonly Lock _lock = new();
    private readonly WatchedFile<Dictionary<string, ApiKey>>? _file;
    private volatile Dictionary<string, ApiKey> _keys = NoKeys();

    public KeyFile(string? dataFolder)
    {
        if (dataFolder is not null)
            _file = new WatchedFile<Dictionary<string, ApiKey>>(Path.Combine(dataFolder, Name), BytesMax, Parse, NoKeys);
    }

    public IReadOnlyCollection<ApiKey> Keys => (_file?.Value ?? _keys).Values;

    /// <returns>Why it cannot be; null when it is done.</returns>
    public string? Add(ApiKey key) => Change(keys => keys.Count >= KeysMax ? "there are too many keys" : keys.TryAdd(key.Name, key) ? null : "there is a key of that name");

    /// <returns>Why it cannot be; null when it is done.</returns>
    public string? Remove(string name) => Change(keys => keys.Remove(name) ? null : "");

    private string? Change(Func<Dictionary<string, ApiKey>, string?> change)
    {
        lock (_lock)
        {
            try
            {
                Dictionary<string, ApiKey> keys = _file?.Read() ?? new(_keys, StringComparer.Ordinal);
                if (change(keys) is { } wrong)
                    return wrong;
                if (_file is null)
                    _keys = keys;
                else
                    PrivateFile.ReplaceObject(_file.Path, writer => Write(writer, keys));
                return null;
            }
            catch (InvalidDataException exception)
            {
                return $"{_file!.Path} cannot be read: {exception.Message}";
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return exception.Message;
            }
        }
    }

    private static Dictionary<string, ApiKey> NoKeys() => new(StringComparer.Ordinal);

    private static Dictionary<string, ApiKey> Parse(ReadOnlyMemory<byte> json, string path)
    {
        Dictionary<string, ApiKey> keys = NoKeys();
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty one in document.RootElement.EnumerateObject())
                keys[one.Name] = new ApiKey(one.Name, one.Value.GetProperty("role").GetString() ?? "", one.Value.GetProperty("hash").GetString() ?? "", one.Value.GetProperty("created").GetInt64());
            return keys;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }

    private static void Write(Utf8JsonWriter writer, Dictionary<string, ApiKey> keys)
    {
        foreach (ApiKey key in keys.Values.OrderBy(static k => k.Name, StringComparer.Ordinal))
        {
            writer.WriteStartObject(key.Name);
            writer.WriteString("role", key.Role);
            writer.WriteString("hash", key.Hash);
            writer.WriteNumber("created", key.CreatedUnixMs);
            writer.WriteEndObject();
        }
    }
}
