namespace DeviceMqtt.Broker.Words;

/// <summary>Text of others for a terminal or a log.</summary>
internal static class SafeText
{
    /// <summary>Control characters, which could do anything there, become visible, and what is longer than the bound is cut.</summary>
    public static string Of(string text, int charactersMax = int.MaxValue)
    {
        string cut = text.Length <= charactersMax ? text : string.Concat(text.AsSpan(0, charactersMax), "...");
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(static c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : cut;
    }
}
