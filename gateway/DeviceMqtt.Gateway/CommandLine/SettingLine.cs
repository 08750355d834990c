using System.Text;
using System.Text.Json;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Where a setting stands in a JSON file, for whoever has to mend it.</summary>
internal static class SettingLine
{
    /// <summary>The number of its line, from 1; null when it is not in the file.</summary>
    /// <param name="json">The text of the file.</param>
    /// <param name="key">The setting, <c>Section:Key</c>; case does not count.</param>
    public static int? Find(ReadOnlySpan<byte> json, string key)
    {
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
                    line ??= LineOf(json, reader.TokenStartIndex);
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

    /// <summary>A sentence about a setting, with the file and the line before it, where it is in the file.</summary>
    public static string Locate(string file, string sentence)
    {
        string key = sentence.Split(' ')[0].TrimEnd(':', ',', ';');
        byte[] json = File.Exists(file) ? File.ReadAllBytes(file) : [];
        return Find(json.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? json.AsSpan(Encoding.UTF8.Preamble.Length) : json, key) is { } line ? $"{file}, line {line}: {sentence}" : sentence;
    }
}
