using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Tree;

/// <summary>
/// One table of tests/conformance: tab-separated, a line for each normative statement, with the tests that hold it, the
/// reason why none is needed, or both. gateway/docs/conformance.md says how it is kept.
/// </summary>
internal sealed partial class ConformanceTable
{
    private const string Header = "statement\tabout\theld by\tnote";

    private ConformanceTable(string name, Row[] rows)
    {
        Name = name;
        Rows = rows;
    }

    internal sealed record Row(string Statement, string About, string[] Tests, string Note);

    public string Name { get; }

    public IReadOnlyList<Row> Rows { get; }

    public static ConformanceTable Parse(string name, string text)
    {
        string[] lines = text.TrimEnd('\n').Split('\n');
        Assert.AreEqual(Header, lines[0], $"the first line of {name}");
        return new ConformanceTable(name, [.. lines.Skip(1).Select(line => ParseRow(name, line))]);
    }

    /// <summary>What is wrong with the rows themselves, as sentences.</summary>
    public IEnumerable<string> Wrong()
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        (Version Section, int Number) before = (new Version(0, 0, 0), 0);
        foreach (Row row in Rows)
        {
            if (!Statement().IsMatch(row.Statement))
            {
                yield return $"{Name}: '{row.Statement}' is not the number of a statement";
                continue;
            }

            if (!seen.Add(row.Statement))
                yield return $"{Name}: {row.Statement} stands there twice";
            if (row.About.Length == 0)
                yield return $"{Name}: {row.Statement} does not say what it is about";
            if (row.Tests.Length == 0 && row.Note.Length == 0)
                yield return $"{Name}: {row.Statement} has neither a test nor a reason";
            (Version Section, int Number) at = Split(row.Statement);
            if (!IsNext(before, at))
                yield return $"{Name}: {row.Statement} does not follow the row before it: a number is missing, or out of order";
            before = at;
        }
    }

    private static Row ParseRow(string name, string line)
    {
        string[] cells = line.Split('\t');
        Assert.HasCount(4, cells, $"{name}: the columns of '{line}'");
        return new Row(cells[0], cells[1], cells[2].Split(' ', StringSplitOptions.RemoveEmptyEntries), cells[3]);
    }

    private static (Version Section, int Number) Split(string statement)
    {
        string[] parts = statement.Split('-');
        return (Version.Parse(parts[1]), int.Parse(parts[2]));
    }

    // Within a section the numbers run from 1 without a gap; sections ascend.
    private static bool IsNext((Version Section, int Number) before, (Version Section, int Number) at)
    {
        if (before.Section == at.Section)
            return at.Number == before.Number + 1;
        int first = at.Section == new Version(2, 2, 1) ? 2 : 1; // 5.0 has no 2.2.1-1, and 3.1.1 no section 2.2.1
        return at.Number == first && before.Section < at.Section;
    }

    [GeneratedRegex(@"^MQTT-\d+\.\d+\.\d+-\d+$")]
    private static partial Regex Statement();
}
