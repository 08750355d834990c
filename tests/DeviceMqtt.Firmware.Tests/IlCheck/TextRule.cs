using System.Globalization;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>Texts that a board cannot hold: with U+0000, where a text ends there, or with a surrogate.</summary>
internal static class TextRule
{
    internal static void Check(string text, string where, IlReport report)
    {
        int at = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff');
        at = at < 0 ? text.IndexOf('\0', StringComparison.Ordinal) : at;
        if (at >= 0)
        {
            report.Add(IlRule.TextNotHeld, where, $"U+{((int)text[at]).ToString("X4", CultureInfo.InvariantCulture)}");
        }
    }
}
