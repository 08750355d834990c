using System.Text.Json;
using System.Text.Json.Nodes;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>The settings file that <c>run</c> reads by itself, <c>gateway.json</c> in the data folder, and what a command writes into it.</summary>
internal static class SettingsFile
{
    public const string Name = "gateway.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The file of a data folder; null when there is none.</summary>
    public static string? FindIn(string dataFolder)
    {
        string path = Path.Combine(dataFolder, Name);
        return File.Exists(path) ? path : null;
    }

    /// <summary>Adds an address to <c>Listen</c>, beside those that are there, or the default. The file is made if it is not there.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="listening">What the gateway listens on without it.</param>
    /// <param name="address">What is added.</param>
    /// <exception cref="SettingException">The file is there, and no JSON that can be written again without a loss: comments would be gone.</exception>
    /// <exception cref="IOException">It cannot be read or written; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public static void AddListen(string path, IReadOnlyList<string> listening, string address)
    {
        JsonObject settings = File.Exists(path) ? Parse(path, address) : [];
        // Names of settings are the same in capitals and small letters.
        string key = settings.Select(static setting => setting.Key).FirstOrDefault(static name => name.Equals(nameof(GatewayOptions.Listen), StringComparison.OrdinalIgnoreCase)) ?? nameof(GatewayOptions.Listen);
        settings[key] = new JsonArray([.. listening.Append(address).Select(static text => JsonValue.Create(text))]);
        string next = path + ".tmp";
        using (FileStream file = PrivateFile.Create(next))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(settings.ToJsonString(Indented) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    private static JsonObject Parse(string path, string address)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException("it is no object");
        }
        catch (JsonException exception)
        {
            throw new SettingException($"'{path}' cannot be changed by a program ({exception.Message.ReplaceLineEndings(" ")}): add \"{address}\" to Listen by hand");
        }
    }
}
