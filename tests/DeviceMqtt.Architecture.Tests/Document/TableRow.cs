namespace DeviceMqtt.Architecture.Tests.Document;

/// <summary>A row of a table.</summary>
/// <param name="document">The document it stands in.</param>
/// <param name="line">Its line, from 0.</param>
/// <param name="cells">Its cells by the name of their column.</param>
internal sealed class TableRow(string document, int line, IReadOnlyDictionary<string, string> cells)
{
    private const string Assembly = "DeviceMqtt.";
    private const string Nothing = "nothing";

    /// <summary>A cell that has to say one thing.</summary>
    public string Single(string column)
    {
        string text = cells[column].Replace("`", "", StringComparison.Ordinal).Trim();
        return text.Length > 0 ? text : throw Odd($"the cell of '{column}' is empty");
    }

    /// <summary>The name of an assembly, which may leave out what all of them begin with.</summary>
    public string SingleAssembly(string column) => FullName(Single(column));

    /// <summary>A cell with names between commas, or "nothing".</summary>
    public IReadOnlyList<string> Names(string column)
    {
        string text = Single(column);
        if (text == Nothing)
        {
            return [];
        }

        string[] names = [.. text.Split(',').Select(name => name.Trim())];
        // A name is one word: anything else is a sentence, or a comma that was forgotten.
        return names.FirstOrDefault(name => name.Length == 0 || name.Contains(' ', StringComparison.Ordinal)) is { } odd
            ? throw Odd($"'{odd}' in '{column}' is no name: write names between commas, or '{Nothing}'")
            : names;
    }

    public IReadOnlyList<string> AssemblyNames(string column) => [.. Names(column).Select(FullName)];

    /// <summary>The line in the document, for a message.</summary>
    public override string ToString() => $"{document}:{line + 1}";

    public DocumentException Odd(string problem) => new(document, line, problem);

    private static string FullName(string name) => name.StartsWith(Assembly, StringComparison.Ordinal) ? name : $"{Assembly}{name}";
}
