using System.Text;
using System.Text.Json;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Where a setting stands in a JSON file, for whoever has to mend it.</summary>
internal static class SettingLine
{
    /// <summary>The number of its line, from 1; null when it is not in the file.</summary>
    /// <param name="json">The text of the file.</param>
    /// <param name="key">The setting, <c>Section:Key</c>; case does not count.</param>
    /// <param name="isLast">The last place of several.</param>
    public static int? Find(ReadOnlySpan<byte> json, string key, bool isLast = false)
    {
        if (!System.Text.Unicode.Utf8.IsValid(json))
            return null; // the reader finds that out only where it makes a text of it, and throws
        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            List<string> path = [];
            Stack<int> indexes = new(); // of the arrays around; -1 for an object
            int? line = null;
            while (reader.Read())
            {
                bool isValue = reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray);
                if (isValue && indexes.TryPeek(out int index) && index >= 0)
                {
                    path.Add(index.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    _ = indexes.Pop();
                    indexes.Push(index + 1);
                }

                if (reader.TokenType == JsonTokenType.PropertyName)
                    path.Add(reader.GetString()!);
                if ((isValue || reader.TokenType == JsonTokenType.PropertyName) && IsAt(path, key))
                    line = isLast ? LineOf(json, reader.TokenStartIndex) : line ?? LineOf(json, reader.TokenStartIndex);
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    indexes.Push(reader.TokenType == JsonTokenType.StartArray ? 0 : -1);
                else if (reader.TokenType != JsonTokenType.PropertyName)
                    Leave(path, indexes, reader.TokenType);
            }

            return line;
        }
        catch (JsonException)
        {
            return null; // what is wrong with the text, whoever reads it as settings has said
        }
    }

    private static void Leave(List<string> path, Stack<int> indexes, JsonTokenType token)
    {
        if (token is JsonTokenType.EndObject or JsonTokenType.EndArray)
            _ = indexes.Pop();
        if (path.Count > 0)
            path.RemoveAt(path.Count - 1);
    }

    private static bool IsAt(List<string> path, string key) => string.Join(':', path).Equals(key, StringComparison.OrdinalIgnoreCase);

    private static int LineOf(ReadOnlySpan<byte> json, long at) => json[..(int)at].Count((byte)'\n') + 1;

    /// <summary>A sentence about a setting, with the file and the line before it, where its value is from the file; else with what it is from.</summary>
    /// <param name="file">The settings file.</param>
    /// <param name="sentence">Begins with the setting.</param>
    /// <param name="sources">Where each value is from; a setting that is in none of them is looked for in the file.</param>
    public static string Locate(string file, string sentence, IReadOnlyList<SettingSource> sources)
    {
        string key = sentence.Split(' ')[0].TrimEnd(':', ',', ';');
        List<SettingSource> own = [.. sources.Where(source => IsOf(source.Key, key))];
        return own.Count > 0 && own.TrueForAll(source => source.From != file) ? $"{own[0].From}: {sentence}"
            : LineIn(file, key) is { } line ? $"{file}, line {line}: {sentence}" : sentence;
    }

    /// <summary>The line of a file in which a setting stands; null when it does not.</summary>
    /// <param name="file">The settings file.</param>
    /// <param name="key">The setting.</param>
    /// <param name="isLast">The last place of several.</param>
    public static int? LineIn(string file, string key, bool isLast = false)
    {
        byte[] json = File.Exists(file) ? File.ReadAllBytes(file) : [];
        return Find(json.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? json.AsSpan(Encoding.UTF8.Preamble.Length) : json, key, isLast);
    }

    // Itself, or what is below it: a sentence about a list names the list.
    private static bool IsOf(string key, string setting) =>
        key.StartsWith(setting, StringComparison.OrdinalIgnoreCase) && (key.Length == setting.Length || key[setting.Length] == ':');
}
