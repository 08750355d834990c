using System.Text.Unicode;

namespace DeviceMqtt.Protocol;

/// <summary>
/// The UTF-8 Encoded String rules (5.0, 1.5.4; 3.1.1, 1.5.3): well formed, no surrogates, no U+0000. Control characters and
/// non-characters are allowed here (the specification says SHOULD NOT); who minds them checks itself.
/// </summary>
public static class MqttUtf8
{
    /// <summary>The most bytes a string or binary field can have: its length is a two byte integer.</summary>
    public const int StringBytesMax = ushort.MaxValue;

    /// <summary>Checks one string of the wire. [MQTT-1.5.4-1], [MQTT-1.5.4-2]</summary>
    public static bool Check(ReadOnlySpan<byte> utf8, out MalformedReason reason)
    {
        if (PlainText.IsPlain(utf8))
        {
            reason = MalformedReason.None;
            return true;
        }

        if (!Utf8.IsValid(utf8))
        {
            reason = MalformedReason.Utf8Invalid;
            return false;
        }

        reason = utf8.Contains((byte)0) ? MalformedReason.Utf8NullCharacter : MalformedReason.None;
        return reason == MalformedReason.None;
    }

    /// <summary>Checks a string of ours before it is encoded: no lone surrogate, no U+0000, at most 65,535 bytes in UTF-8.</summary>
    public static bool Check(ReadOnlySpan<char> text, out MalformedReason reason)
    {
        reason = MalformedReason.None;
        if (text.Contains('\0'))
            reason = MalformedReason.Utf8NullCharacter;
        else if (!HasOnlyPairedSurrogates(text))
            reason = MalformedReason.Utf8Invalid;
        else if (text.Length > StringBytesMax / 3 && System.Text.Encoding.UTF8.GetByteCount(text) > StringBytesMax)
            reason = MalformedReason.StringTooLong;
        return reason == MalformedReason.None;
    }

    private static bool HasOnlyPairedSurrogates(ReadOnlySpan<char> text)
    {
        int next;
        while ((next = text.IndexOfAnyInRange('\uD800', '\uDFFF')) >= 0)
        {
            if (next + 1 >= text.Length || !char.IsSurrogatePair(text[next], text[next + 1]))
                return false;
            text = text[(next + 2)..];
        }

        return true;
    }
}
