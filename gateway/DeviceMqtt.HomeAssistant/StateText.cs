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
    public static string? Of(ReadOnlySpan<byte> told, long boot)
    {
        if (Parse(told.IsEmpty ? "{}"u8 : told) is not { } state)
            return null;
        state[BootField] = boot;
        return state.ToJsonString();
    }

    /// <summary>Which start of the board a kept state is of; null when it is none.</summary>
    public static long? BootOf(ReadOnlySpan<byte> kept) => Parse(kept)?[BootField] is JsonValue value && value.TryGetValue(out long boot) ? boot : null;

    /// <summary>Which start an event names, and when it says it was; null each where it does not say.</summary>
    public static (long? Boot, double? Seconds) AgeOf(ReadOnlySpan<byte> told)
    {
        JsonObject? json = Parse(told);
        return (json?[TelemetryField.BootId] is JsonValue b && b.TryGetValue(out long boot) ? boot : null,
            json?[TelemetryField.Time] is JsonValue t && t.TryGetValue(out double seconds) ? seconds : null);
    }

    private static JsonObject? Parse(ReadOnlySpan<byte> json)
    {
        if (json.Length > BytesMax || !System.Text.Unicode.Utf8.IsValid(json))
            return null;
        try
        {
            return JsonNode.Parse(json) as JsonObject is { } parsed && parsed.Count >= 0 ? parsed : null; // Count: a member that comes twice is found here
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return null;
        }
    }
}
