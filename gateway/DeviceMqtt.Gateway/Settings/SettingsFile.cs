using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>The settings file that <c>run</c> reads by itself, <c>gateway.json</c> in the data folder, and what a command writes into it.</summary>
internal static class SettingsFile
{
    public const string Name = "gateway.json";

    /// <summary>A longer one is not read. Chosen: thousands of users and rules.</summary>
    public const int BytesMax = 1024 * 1024;

    // An asterisk stays one.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Names the file that the service of this machine is started with, for commands that work on its data folder. The command of the package sets it.</summary>
    public const string Variable = "DEVICEMQTT_CONFIG";

    /// <summary>Where systemd has the data folder of the service (StateDirectory of systemd.exec(5)).</summary>
    internal const string StateVariable = "STATE_DIRECTORY";

    /// <summary>The file that counts for a data folder; null when there is none.</summary>
    public static string? FindIn(string dataFolder) => FindIn(dataFolder, InstalledService.Variable);

    /// <inheritdoc cref="FindIn(string)"/>
    /// <param name="dataFolder">Another one than the service's has its own file.</param>
    /// <param name="variable">Reads the environment.</param>
    internal static string? FindIn(string dataFolder, Func<string, string?> variable)
    {
        if (variable(Variable) is { Length: > 0 } ofService && dataFolder == DataOfService(variable) && File.Exists(ofService))
            return ofService;
        string path = Path.Combine(dataFolder, Name);
        return File.Exists(path) ? path : null;
    }

    /// <summary>The data folder of this machine's service, for commands beside it: that of the environment, else the one that its settings name, else the one that systemd has for it.</summary>
    /// <param name="variable">Reads the environment.</param>
    /// <returns>Null where nothing says it.</returns>
    internal static string? DataOfService(Func<string, string?> variable) =>
        variable(GatewayOptions.DataVariable) is { Length: > 0 } set ? set : (variable(Variable) is { Length: > 0 } file ? DataIn(file) : null) ?? StateFolder(variable);

    /// <summary>The folder that systemd has made for a service: the first of <c>STATE_DIRECTORY</c> (StateDirectory of systemd.exec(5)); null where there is none.</summary>
    /// <param name="variable">Reads the environment.</param>
    internal static string? StateFolder(Func<string, string?> variable) => variable(StateVariable)?.Split(':')[0] is { } folder && Path.IsPathFullyQualified(folder) ? folder : null;

    // Null where it names none, or cannot be read: what is wrong with the file the commands say that need more of it.
    private static string? DataIn(string file)
    {
        try
        {
            if (new FileInfo(file) is not { Exists: true, Length: <= BytesMax })
                return null;
            using JsonDocument settings = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return settings.RootElement.ValueKind != JsonValueKind.Object ? null
                : settings.RootElement.EnumerateObject().LastOrDefault(static member => member.Name.Equals(nameof(GatewayOptions.Data), StringComparison.OrdinalIgnoreCase)).Value is
                { ValueKind: JsonValueKind.String } data && data.GetString() is { Length: > 0 } folder ? folder : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Adds an address to <c>Listen</c>, beside those that are there, or the default. The file is made if it is not there; its comments stay.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="listening">What the gateway listens on without it.</param>
    /// <param name="address">What is added.</param>
    /// <exception cref="SettingException">The file is there, and no settings.</exception>
    /// <exception cref="IOException">It cannot be read or written; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public static void AddListen(string path, IReadOnlyList<string> listening, string address)
    {
        byte[] before = File.Exists(path) ? File.ReadAllBytes(path) : "{\n}\n"u8.ToArray();
        byte[] after = SetListen(path, before, JsonSerializer.SerializeToUtf8Bytes(listening.Append(address).ToArray(), Plain));
        PrivateFile.Replace(path, file =>
        {
            file.Write(after);
            // It was its owner's choice who else may read it.
            if (!OperatingSystem.IsWindows() && File.Exists(path))
            {
                File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(path));
                PrivateFile.GiveAs(file.Name, path);
            }
        });
    }

    private static byte[] SetListen(string path, byte[] settings, byte[] value)
    {
        const string key = nameof(GatewayOptions.Listen);
        try
        {
            Utf8JsonReader reader = new(settings, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("it is no object");
            int begin = (int)reader.BytesConsumed;
            bool isEmpty = true;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                isEmpty = false;
                // Names of settings are the same in capitals and small letters.
                bool isListen = key.Equals(reader.GetString(), StringComparison.OrdinalIgnoreCase);
                _ = reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isListen)
                    return [.. settings[..start], .. value, .. settings[(int)reader.BytesConsumed..]];
            }

            return [.. settings[..begin], .. Encoding.UTF8.GetBytes($"\n  \"{key}\": "), .. value, .. isEmpty ? ""u8 : ","u8, .. settings[begin..]];
        }
        catch (JsonException exception)
        {
            throw new SettingException($"'{path}' is not JSON: {exception.Message.ReplaceLineEndings(" ")}");
        }
    }
}
