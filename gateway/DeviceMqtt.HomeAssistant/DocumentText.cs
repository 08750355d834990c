using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DeviceMqtt.HomeAssistant;

/// <summary>What a document of the discovery says, of whoever it is.</summary>
internal static class DocumentText
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Who has published it; empty where it does not say so.</summary>
    public static string OriginOf(ReadOnlySpan<byte> json) => Read(json, static root => root.GetProperty("origin").GetProperty("name").GetString(), "");

    /// <summary>Its entities, each with its platform; none where it cannot be read.</summary>
    public static IReadOnlyDictionary<string, string> ComponentsOf(ReadOnlySpan<byte> json) =>
        Read<IReadOnlyDictionary<string, string>>(json, static root => root.GetProperty("components").EnumerateObject().ToDictionary(static c => c.Name, static c => c.Value.GetProperty("platform").GetString() ?? ""), new Dictionary<string, string>());

    /// <summary>A document with entities that are to go.</summary>
    public static byte[] With(byte[] json, IEnumerable<KeyValuePair<string, string>> gone)
    {
        JsonNode root = JsonNode.Parse(json)!;
        foreach ((string key, string platform) in gone)
            root["components"]![key] = new JsonObject { ["platform"] = platform };
        return Encoding.UTF8.GetBytes(root.ToJsonString(Plain));
    }

    private static T Read<T>(ReadOnlySpan<byte> json, Func<JsonElement, T?> read, T otherwise)
    {
        try
        {
            Utf8JsonReader reader = new(json);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return read(document.RootElement) ?? otherwise;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return otherwise; // somebody else's
        }
    }
}
