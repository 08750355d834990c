using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Broker.Words;

/// <summary>
/// What a 5.0 client is told as Reason String (3.1.2.11.7). It may have the client's own words in it, a Topic Filter of 65,535 bytes, and a
/// string has no more bytes than that (1.5.4): a reason is for a person to read.
/// </summary>
internal static class ReasonText
{
    /// <summary>Characters. Chosen: a sentence of ours with a long topic.</summary>
    public const int CharactersMax = 500;

    /// <summary>The text, cut where it is too long; never in the middle of a character.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text)
    {
        if (text is null || text.Length <= CharactersMax)
            return text;
        int length = char.IsHighSurrogate(text[CharactersMax - 1]) ? CharactersMax - 1 : CharactersMax;
        return string.Concat(text.AsSpan(0, length), "...");
    }
}
