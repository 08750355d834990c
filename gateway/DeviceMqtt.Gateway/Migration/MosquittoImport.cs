using System.Text.Json.Nodes;
using DeviceMqtt.Gateway.Security.Import;

namespace DeviceMqtt.Gateway.Migration;

/// <summary>What a <c>mosquitto.conf</c> becomes here.</summary>
internal sealed class MosquittoImport
{
    /// <summary>The settings, as a settings file has them.</summary>
    public JsonObject Settings { get; } = [];

    /// <summary>What was not taken over, with why and what to do instead.</summary>
    public List<ImportNote> Notes { get; } = [];

    /// <summary>Its <c>password_file</c>; null for none.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Its <c>acl_file</c>; null for none.</summary>
    public string? AclFile { get; set; }

    /// <summary>Sets a value, by <c>Section:Key</c>; a number stands for a place in a list.</summary>
    public void Set(string key, JsonNode value)
    {
        string[] names = key.Split(':');
        JsonNode at = Settings;
        for (int i = 0; i < names.Length - 1; i++)
            at = Child(at, names[i], () => int.TryParse(names[i + 1], out _) ? new JsonArray() : new JsonObject());
        if (at is JsonArray list)
            list.Add(value);
        else
            at[names[^1]] = value;
    }

    private static JsonNode Child(JsonNode parent, string name, Func<JsonNode> make)
    {
        if (parent is not JsonArray list)
            return parent[name] ??= make();
        int index = int.Parse(name, System.Globalization.CultureInfo.InvariantCulture);
        while (list.Count <= index)
            list.Add(make());
        return list[index]!;
    }
}
