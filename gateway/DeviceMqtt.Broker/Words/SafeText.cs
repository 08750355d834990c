using System.Globalization;
using System.Text;

namespace DeviceMqtt.Broker.Words;

/// <summary>Text of others for a terminal or a log.</summary>
internal static class SafeText
{
    private const int NameCharactersMax = 64; // chosen: a user name may have 64 KB

    /// <summary>A name that somebody has sent or written: of a user, a role, a command. Cut, and made visible as <see cref="Of"/> does it.</summary>
    public static string OfName(string name) => Of(name, NameCharactersMax);

    /// <summary>
    /// What could do anything there, or make one text look like another, becomes visible: control characters, those that turn the direction of
    /// writing or have no width, line separators, halves of characters. What is longer than the bound is cut.
    /// </summary>
    public static string Of(string text, int charactersMax = int.MaxValue)
    {
        string cut = text.Length <= charactersMax ? text : string.Concat(text.AsSpan(0, charactersMax), "...");
        foreach (char c in cut)
            if (c is < ' ' or > '~')
                return Shown(cut);
        return cut;
    }

    private static string Shown(string text)
    {
        StringBuilder shown = new(text.Length);
        for (int i = 0; i < text.Length;)
        {
            bool isWhole = Rune.TryGetRuneAt(text, i, out Rune rune);
            int length = isWhole ? rune.Utf16SequenceLength : 1;
            if (isWhole && !IsUnsafe(rune))
                _ = shown.Append(text, i, length);
            else
                for (int at = i; at < i + length; at++)
                    _ = shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:x4}");
            i += length;
        }

        return shown.ToString();
    }

    private static bool IsUnsafe(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
