namespace DeviceMqtt.Architecture.Tests.Document;

/// <summary>The first table under a heading of a Markdown document, its cells found by the names of their columns.</summary>
internal static class MarkdownTable
{
    /// <summary>The rows of the table; null if there is no such heading.</summary>
    /// <param name="document">The document's name, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <param name="heading">The heading's text, without its '#'.</param>
    /// <param name="columns">Columns the table must have; others may stand beside them.</param>
    public static IReadOnlyList<TableRow>? Read(string document, string text, string heading, params string[] columns)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        int at = Array.FindIndex(lines, line => IsHeading(line) && line.TrimStart('#').Trim() == heading);
        if (at < 0)
        {
            return null;
        }

        int end = Array.FindIndex(lines, at + 1, IsHeading);
        int header = Array.FindIndex(lines, at + 1, (end < 0 ? lines.Length : end) - at - 1, IsRow);
        string[] names = header < 0 ? [] : Cells(lines[header]);
        string[] missing = [.. columns.Except(names, StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            throw new DocumentException(document, header < 0 ? at : header, header < 0
                ? $"no table under '{heading}': it needs the columns | {string.Join(" | ", columns)} |"
                : $"the table under '{heading}' has no column '{missing[0]}'");
        }

        if (header + 1 >= lines.Length || !IsRow(lines[header + 1]) || !Cells(lines[header + 1]).All(IsRule))
        {
            throw new DocumentException(document, header + 1, $"the header of a table is followed by a row of dashes: |{string.Concat(Enumerable.Repeat("---|", names.Length))}");
        }

        List<TableRow> rows = [];
        for (int i = header + 2; i < lines.Length && IsRow(lines[i]); i++)
        {
            string[] cells = Cells(lines[i]);
            if (cells.Length != names.Length)
            {
                throw new DocumentException(document, i, $"{cells.Length} cells in a table of {names.Length} columns: {lines[i].Trim()}");
            }

            rows.Add(new TableRow(document, i, columns.ToDictionary(column => column, column => cells[Array.IndexOf(names, column)], StringComparer.Ordinal)));
        }

        return rows;
    }

    private static bool IsHeading(string line) => line.StartsWith('#') && line.TrimStart('#').StartsWith(' ');

    private static bool IsRow(string line) => line.TrimStart().StartsWith('|');

    private static bool IsRule(string cell) => cell.Length > 0 && cell.All(letter => letter is '-' or ':');

    private static string[] Cells(string line)
    {
        string row = line.Trim();
        row = row[1..(row.Length > 1 && row.EndsWith('|') ? row.Length - 1 : row.Length)];
        return [.. row.Split('|').Select(cell => cell.Trim())];
    }
}
