using System.Text.Json;

namespace DeviceMqtt.Gateway.Backups;

/// <summary>What a backup holds: its last entry, <c>manifest.json</c>. A file that was cut has none.</summary>
/// <param name="Version">Of the gateway that made it.</param>
/// <param name="MadeUnixMs">When, by the clock of its machine.</param>
/// <param name="UpTo">The last record of the journal that is certainly in it.</param>
/// <param name="Settings">Where the settings stood that were in force, when that was not in the data folder; empty otherwise.</param>
/// <param name="Files">All the others.</param>
internal sealed record BackupManifest(string Version, long MadeUnixMs, long UpTo, string Settings, IReadOnlyList<BackupEntry> Files)
{
    public const string Name = "manifest.json";
    private const int Format = 1;

    public byte[] ToJson()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("version", Version);
            json.WriteNumber("madeUnixMs", MadeUnixMs);
            json.WriteNumber("upTo", UpTo);
            json.WriteString("settings", Settings);
            json.WriteStartArray("files");
            foreach (BackupEntry file in Files)
            {
                json.WriteStartObject();
                json.WriteString("name", file.Name);
                json.WriteNumber("bytes", file.Bytes);
                json.WriteNumber("length", file.Length);
                json.WriteString("sha256", file.Sha256);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">It is none, or that of a newer version; says which.</exception>
    public static BackupManifest Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement root = document.RootElement;
            if (root.GetProperty("format").GetInt32() is var format && format != Format)
                throw new InvalidDataException($"it has format {format}, made by version {root.GetProperty("version").GetString()}; this version reads format {Format}");
            return new BackupManifest(
                root.GetProperty("version").GetString()!, root.GetProperty("madeUnixMs").GetInt64(), root.GetProperty("upTo").GetInt64(), root.GetProperty("settings").GetString()!,
                [.. root.GetProperty("files").EnumerateArray().Select(static f => new BackupEntry(f.GetProperty("name").GetString()!, f.GetProperty("bytes").GetInt64(), f.GetProperty("length").GetInt64(), f.GetProperty("sha256").GetString()!))]);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"its {Name} is none: {exception.Message}", exception);
        }
    }
}
