using System.Text.Json;
using System.Text.Json.Nodes;
using DeviceMqtt.Wire;

namespace DeviceMqtt.HomeAssistant;

/// <summary>The last event of a device as it is kept for Home Assistant: what the device said, and in which of its starts.</summary>
internal static class StateText
{
    private const string BootField = "boot";
    private const int BytesMax = 4096; // as a birth

    /// <summary>What is kept.</summary>
    /// <param name="told">Of the device: one JSON object. Nothing of it is known when empty.</param>
    /// <param name="boot">Which start of the board.</param>
    /// <returns>Null when it is no object.</returns>
    public static string? Of(ReadOnlySpan<byte> told, long boot) => Read(told.IsEmpty ? "{}"u8 : told, state =>
    {
        state[BootField] = boot;
        return state.ToJsonString();
    });

    /// <summary>Which start of the board a kept state is of; null when it is none.</summary>
    public static long? BootOf(ReadOnlySpan<byte> kept) => Read(kept, static state => LongOf(state[BootField]));

    /// <summary>Which start an event names, and when it says it was; null each where it does not say.</summary>
    public static (long? Boot, double? Seconds) AgeOf(ReadOnlySpan<byte> told) => Read(told, static json =>
        (LongOf(json[TelemetryField.BootId]), json[TelemetryField.Time] is JsonValue t && t.TryGetValue(out double seconds) ? seconds : (double?)null));

    private static long? LongOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out long number) ? number : null;

    // All of it within the same try: one half of a character alone ("\ud800") is JSON, is read, and cannot be written as text; a member that comes twice is found when one is looked for.
    private static T? Read<T>(ReadOnlySpan<byte> json, Func<JsonObject, T?> read)
    {
        if (json.Length > BytesMax || !System.Text.Unicode.Utf8.IsValid(json))
            return default;
        try
        {
            return JsonNode.Parse(json) is JsonObject { Count: >= 0 } parsed ? read(parsed) : default;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return default;
        }
    }
}
