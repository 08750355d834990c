namespace DeviceMqtt.Gateway.Settings;

/// <summary>One setting, as <see cref="SettingsReference"/> knows it.</summary>
/// <param name="Key"><c>Section:Key</c>; <c>0</c> stands for each position of a list, <c>NAME</c> for each name.</param>
/// <param name="Kind">Of its value.</param>
/// <param name="Fallback">The default as text; null where nothing is set, empty for an empty text.</param>
/// <param name="Summary">What it does, in a sentence or two; empty when the docstrings are not there.</param>
internal sealed record SettingEntry(string Key, Type Kind, string? Fallback, string Summary)
{
    /// <summary>What may stand there.</summary>
    public string KindText =>
        Kind == typeof(bool) ? "true or false" : Kind.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(Kind))}" : Kind == typeof(string) ? "text" : "a number";

    /// <summary>The value as JSON has it.</summary>
    public string Json(string value) => Kind == typeof(bool) ? value.ToLowerInvariant() : Kind == typeof(string) || Kind.IsEnum ? $"\"{System.Text.Json.JsonEncodedText.Encode(value)}\"" : value;

    /// <summary>Whether the parts of a key lead here.</summary>
    public bool Matches(IReadOnlyList<string> names)
    {
        string[] own = Key.Split(':');
        if (own.Length != names.Count)
            return false;
        for (int i = 0; i < own.Length; i++)
        {
            bool isAny = own[i] == "NAME" || (own[i] == "0" && int.TryParse(names[i], out _));
            if (!isAny && !own[i].Equals(names[i], StringComparison.OrdinalIgnoreCase))
                return false;
        }

        return true;
    }
}
