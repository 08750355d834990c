namespace DeviceMqtt.Architecture.Tests.Document;

/// <summary>The tables of gateway/docs/architecture.md that the code has to follow.</summary>
/// <param name="Assemblies">One row per assembly, from the bottom to the top.</param>
/// <param name="Folders">One row per folder, from the bottom to the top of its assembly.</param>
/// <param name="Circles">The circles of files that may be; the document needs no such table if there are none.</param>
internal sealed record Picture(IReadOnlyList<AssemblyRow> Assemblies, IReadOnlyList<FolderRow> Folders, IReadOnlyList<CircleRow> Circles)
{
    public const string Document = "gateway/docs/architecture.md";
    public const string AssemblyHeading = "Floors";
    public const string FolderHeading = "Floors inside an assembly";
    public const string CircleHeading = "Circles of files";

    public const string Assembly = "Assembly";
    public const string Folder = "Folder";
    public const string MayName = "May name";
    public const string Files = "Files";
    public const string Why = "Why";

    private const string All = "all";

    public static Picture Parse(string text)
    {
        List<AssemblyRow> assemblies = [];
        foreach (TableRow row in Required(text, AssemblyHeading, Assembly, MayName))
        {
            string name = row.SingleAssembly(Assembly);
            Once(row, assemblies.Any(other => other.Assembly == name));
            assemblies.Add(new AssemblyRow(row, name, row.Single(MayName) == All ? [All] : row.AssemblyNames(MayName)));
        }

        List<FolderRow> folders = [];
        foreach (TableRow row in Required(text, FolderHeading, Assembly, Folder, MayName))
        {
            FolderRow next = new(row, row.SingleAssembly(Assembly), row.Single(Folder).TrimEnd('/'), row.Names(MayName));
            Once(row, folders.Any(other => other.Assembly == next.Assembly && other.Folder == next.Folder));
            folders.Add(next);
        }

        List<CircleRow> circles = [];
        foreach (TableRow row in MarkdownTable.Read(Document, text, CircleHeading, Assembly, Files, Why) ?? [])
        {
            // A circle without a reason is not accepted: an empty cell throws.
            row.Single(Why);
            circles.Add(new CircleRow(row, row.SingleAssembly(Assembly), [.. row.Names(Files).Order(StringComparer.Ordinal)]));
        }

        return new Picture([.. assemblies.Select(row => row with { MayName = WithoutAll(row, assemblies) })], folders, circles);
    }

    private static IReadOnlyList<TableRow> Required(string text, string heading, params string[] columns) =>
        MarkdownTable.Read(Document, text, heading, columns)
            ?? throw new DocumentException(Document, -1, $"there is no heading '## {heading}' with a table | {string.Join(" | ", columns)} |");

    private static void Once(TableRow row, bool isThere)
    {
        if (isThere)
        {
            throw row.Odd("stands there twice");
        }
    }

    // "all" is every assembly that the table has, or names.
    private static IReadOnlyList<string> WithoutAll(AssemblyRow row, List<AssemblyRow> table) =>
        row.MayName is [All]
            ? [.. table.SelectMany(other => other.MayName.Append(other.Assembly)).Where(name => name != All && name != row.Assembly).Distinct(StringComparer.Ordinal)]
            : row.MayName;
}
