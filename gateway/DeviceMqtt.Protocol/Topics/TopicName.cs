using System.Runtime.CompilerServices;
using System.Text;

namespace DeviceMqtt.Protocol;

/// <summary>
/// A Topic Name (5.0, 4.7): at least one character, no wildcard, no U+0000, at most 65,535 bytes of UTF-8. Levels are separated by <c>/</c>
/// and may be empty.
/// </summary>
public readonly record struct TopicName
{
    private readonly string? _value;

    private TopicName(string value) => _value = value;

    /// <summary>The name as it is on the wire.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Begins with <c>$</c>: not matched by a wildcard at the first level. [MQTT-4.7.2-1]</summary>
    public bool IsReserved => Value.StartsWith('$');

    public static bool TryParse(string text, out TopicName name, out MalformedReason reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        name = default;
        if (text.Length == 0)
            reason = MalformedReason.TopicNameEmpty; // [MQTT-4.7.3-1]
        else if (text.AsSpan().IndexOfAny('+', '#') >= 0)
            reason = MalformedReason.TopicNameHasWildcard; // [MQTT-3.3.2-2]
        else if (MqttUtf8.Check(text, out reason))
            name = new TopicName(text);
        return reason == MalformedReason.None;
    }

    public static bool TryParse(ReadOnlySpan<byte> utf8, out TopicName name, out MalformedReason reason)
    {
        bool sound = Check(utf8, out reason);
        name = sound ? new TopicName(Encoding.UTF8.GetString(utf8)) : default;
        return sound;
    }

    /// <summary>The same rules over the bytes of the wire, without making a string.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // inlined into the decoder of PUBLISH it leaves no room for anything else to be
    public static bool Check(ReadOnlySpan<byte> utf8, out MalformedReason reason)
    {
        if (utf8.IsEmpty)
            reason = MalformedReason.TopicNameEmpty; // [MQTT-4.7.3-1]
        else if (PlainText.IsPlain(utf8))
            reason = MalformedReason.None;
        else if (MqttUtf8.Check(utf8, out reason) && utf8.IndexOfAny((byte)'+', (byte)'#') >= 0)
            reason = MalformedReason.TopicNameHasWildcard; // [MQTT-3.3.2-2]
        return reason == MalformedReason.None;
    }

    public override string ToString() => Value;
}
