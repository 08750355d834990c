using System.Text.Json;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security.Rights;

namespace DeviceMqtt.Gateway.Security.Users;

/// <summary>
/// Roles that <c>acl import</c> made: <c>roles.json</c> in the data folder, by name <c>{"publish":[],"subscribe":[],"commands":false}</c>. A gateway that runs notices when the file
/// has changed. Of one that cannot be read no role is known: users with such a role are not let in.
/// </summary>
internal sealed class RoleFile
{
    public const string Name = "roles.json";
    private const int BytesMax = 1024 * 1024; // chosen: ten thousand rules

    private readonly string _dataFolder;
    private readonly WatchedFile<Dictionary<string, RoleRights>> _file;

    public RoleFile(string dataFolder, ILogger? log = null)
    {
        _dataFolder = dataFolder;
        string path = Path.Combine(dataFolder, Name);
        _file = new WatchedFile<Dictionary<string, RoleRights>>(path, BytesMax, Parse, NoRoles, why => log?.RoleFileUnreadable(path, why));
    }

    /// <summary>As they are in the file now; the same object while it has not changed.</summary>
    public IReadOnlyDictionary<string, RoleRights> Roles => _file.Value;

    /// <summary>As <see cref="Roles"/>, for one who has to know what is wrong. Throws what <see cref="Set"/> throws.</summary>
    public IReadOnlyDictionary<string, RoleRights> Read() => _file.Read();

    /// <summary>Adds roles, or replaces those of the same name.</summary>
    /// <exception cref="IOException">The file cannot be read or written; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    /// <exception cref="InvalidDataException">There is a file, and it is not one of ours.</exception>
    public void Set(IReadOnlyDictionary<string, RoleRights> roles)
    {
        PrivateFile.CreateFolder(_dataFolder);
        using FileStream exclusive = PrivateFile.Lock(_file.Path);
        Dictionary<string, RoleRights> all = _file.Read();
        foreach ((string name, RoleRights rights) in roles)
            all[name] = rights;
        PrivateFile.ReplaceObject(_file.Path, writer => Write(writer, all));
    }

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="InvalidDataException">It is none; says where.</exception>
    public static Dictionary<string, RoleRights> Parse(ReadOnlyMemory<byte> json, string path)
    {
        Dictionary<string, RoleRights> roles = NoRoles();
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty role in document.RootElement.EnumerateObject())
            {
                RoleRights rights = new();
                foreach (JsonProperty member in role.Value.EnumerateObject())
                    switch (member.Name)
                    {
                        case "publish": rights.Publish = [.. Texts(member.Value)]; break;
                        case "subscribe": rights.Subscribe = [.. Texts(member.Value)]; break;
                        case "commands": rights.Commands = member.Value.GetBoolean(); break;
                        default: throw new InvalidDataException($"{path}: '{role.Name}' has '{member.Name}'; a role has publish, subscribe and commands");
                    }

                if (rights.Check($"{path}: {role.Name}") is { } wrong)
                    throw new InvalidDataException(wrong);
                roles[role.Name] = rights;
            }

            return roles;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is not a list of roles: {exception.Message}", exception);
        }
    }

    private static IEnumerable<string> Texts(JsonElement array) => array.EnumerateArray().Select(static text => text.GetString() ?? throw new InvalidOperationException("a rule is a text"));

    private static void Write(Utf8JsonWriter writer, Dictionary<string, RoleRights> roles)
    {
        foreach ((string name, RoleRights rights) in roles.OrderBy(static role => role.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject(name);
            WriteTexts("publish", rights.Publish);
            WriteTexts("subscribe", rights.Subscribe);
            writer.WriteBoolean("commands", rights.Commands);
            writer.WriteEndObject();
        }

        void WriteTexts(string member, List<string> texts)
        {
            writer.WriteStartArray(member);
            foreach (string text in texts)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
    }

    private static Dictionary<string, RoleRights> NoRoles() => new(StringComparer.OrdinalIgnoreCase);
}
