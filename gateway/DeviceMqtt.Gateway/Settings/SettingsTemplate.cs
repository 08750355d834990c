namespace DeviceMqtt.Gateway.Settings;

/// <summary>Writes a settings file in which every setting stands, commented out, with its default and one line why.</summary>
internal static class SettingsTemplate
{
    private const string Head =
        """
        // Settings of the DeviceMqtt gateway. Each stands here with its default, commented out.
        // To change one, take away the // before it. Commas may stay. 'devicemqtt config check FILE' says what is wrong.
        """;

    /// <param name="reference">The settings.</param>
    /// <param name="values">Settings that are not commented out, by key; their values are text.</param>
    public static string Write(SettingsReference reference, IReadOnlyDictionary<string, string> values)
    {
        List<string> lines = [.. Head.Split('\n'), "{"];
        WriteSection(lines, reference.Entries, values, depth: 1, isInList: false, indent: "  ");
        lines.Add("}");
        return string.Join('\n', lines) + "\n";
    }

    private static void WriteSection(List<string> lines, IEnumerable<SettingEntry> entries, IReadOnlyDictionary<string, string> values, int depth, bool isInList, string indent)
    {
        foreach (IGrouping<string, SettingEntry> group in entries.GroupBy(entry => entry.Key.Split(':')[depth - 1]))
        {
            SettingEntry first = group.First();
            string[] names = first.Key.Split(':');
            if (names.Length == depth)
                WriteValue(lines, first, values, isInList, indent, group.Key);
            else if ((names.Length == depth + 1 && names[depth] == "0") || names[depth] == "NAME")
                WriteList(lines, first, indent, group.Key, names[depth], isInList);
            else if (names[depth] == "0")
                WriteListOfSections(lines, group, depth, indent, group.Key);
            else
                WriteSubsection(lines, group, values, depth, isInList, indent);
        }
    }

    private static void WriteValue(List<string> lines, SettingEntry entry, IReadOnlyDictionary<string, string> values, bool isInList, string indent, string name)
    {
        string off = isInList ? "" : "//";
        Explain(lines, entry, indent);
        if (values.TryGetValue(entry.Key, out string? value))
            lines.Add($"{indent}\"{name}\": {entry.Json(value)},");
        else
            lines.Add($"{indent}{off}\"{name}\": {(entry.Fallback is { } fallback ? entry.Json(fallback) : "null")},");
    }

    private static void WriteList(List<string> lines, SettingEntry entry, string indent, string name, string position, bool isInList)
    {
        Explain(lines, entry, indent);
        lines.Add($"{indent}{(isInList ? "" : "//")}\"{name}\": {(position == "0" ? "[]" : "{}")},");
    }

    // One item shows what each of the list has; all of it is a comment.
    private static void WriteListOfSections(List<string> lines, IEnumerable<SettingEntry> entries, int depth, string indent, string name)
    {
        List<string> item = [];
        WriteSection(item, entries, new Dictionary<string, string>(), depth + 2, isInList: true, "      ");
        lines.Add($"{indent}// A list of sections; of each item:");
        lines.Add($"{indent}//\"{name}\": [");
        lines.Add($"{indent}//  {{");
        lines.AddRange(item.Select(line => $"{indent}//{line[2..]}"));
        lines.Add($"{indent}//  }}");
        lines.Add($"{indent}//],");
    }

    private static void WriteSubsection(List<string> lines, IGrouping<string, SettingEntry> group, IReadOnlyDictionary<string, string> values, int depth, bool isInList, string indent)
    {
        lines.Add($"{indent}\"{group.Key}\": {{");
        WriteSection(lines, group, values, depth + 1, isInList, indent + "  ");
        lines.Add($"{indent}}},");
    }

    private static void Explain(List<string> lines, SettingEntry entry, string indent)
    {
        if (entry.Summary.Length > 0)
            lines.Add($"{indent}// {entry.Summary}");
    }
}
