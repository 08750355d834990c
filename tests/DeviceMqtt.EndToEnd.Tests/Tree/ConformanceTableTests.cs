using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Tree;

/// <summary>The tables of normative statements are whole: each is held by tests that exist, or says why it needs none.</summary>
[TestClass]
public sealed partial class ConformanceTableTests
{
    private const string Folder = "tests/conformance/";
    private static readonly string[] Files = ["mqtt-3.1.1.tsv", "mqtt-5.0.tsv"];

    [TestMethod]
    [DataRow("mqtt-3.1.1.tsv", 141)] // as the appendix "Mandatory normative statements" of each specification lists them
    [DataRow("mqtt-5.0.tsv", 251)]
    public void Table_OfEachSpecification_HasEveryStatement(string file, int statements)
    {
        ConformanceTable table = Read(file);

        Findings.AreNone(table.Wrong(), "rows that are not as a row must be");
        Assert.HasCount(statements, table.Rows);
    }

    [TestMethod]
    public void Tests_NamedInATable_Exist()
    {
        HashSet<string> tests = [.. Repository.Files("Tests.cs").SelectMany(TestsOf)];
        Assert.IsGreaterThan(500, tests.Count, "tests were found");

        IEnumerable<string> missing = Files.Select(Read).SelectMany(table => table.Rows
            .SelectMany(row => row.Tests.Where(test => !tests.Contains(test)).Select(test => $"{table.Name}: {row.Statement}: {test}")));
        Findings.AreNone(missing, "there is no such test");
    }

    [TestMethod]
    public void Statements_QuotedInTheSource_AreInATable()
    {
        HashSet<string> known = [.. Files.SelectMany(file => Read(file).Rows).Select(row => row.Statement)];
        string[] sources = [.. Repository.Files(".cs").Where(path => !path.EndsWith("/ConformanceTableTests.cs", StringComparison.Ordinal))];
        Assert.IsTrue(sources.Any(path => Quoted().IsMatch(Repository.Read(path))), "a statement is quoted somewhere");

        IEnumerable<string> unknown = sources.SelectMany(path => Quoted().Matches(Repository.Read(path))
            .Where(match => !known.Contains(match.Value))
            .Select(match => $"{path}: {match.Value}"));
        Findings.AreNone(unknown, "no specification has such a number");
    }

    [TestMethod]
    [DataRow("MQTT-1.5.4-1\tabout\t\t", "neither a test nor a reason")]
    [DataRow("MQTT-1.5.4-1\tabout\ttest\t\nMQTT-1.5.4-1\tabout\ttest\t", "twice")]
    [DataRow("MQTT-1.5.4-1\tabout\ttest\t\nMQTT-1.5.4-3\tabout\ttest\t", "missing")]
    [DataRow("MQTT-2.1.3-1\tabout\ttest\t\nMQTT-1.5.4-1\tabout\ttest\t", "out of order")]
    [DataRow("MQTT-1.5.4-2\tabout\ttest\t", "missing")]
    [DataRow("MQTT-1.5.4-1\t\ttest\t", "what it is about")]
    [DataRow("MQTT-1.5.4\tabout\ttest\t", "not the number")]
    public void Table_WithABadRow_IsFoundOut(string rows, string expected)
    {
        ConformanceTable table = ConformanceTable.Parse("sample", $"statement\tabout\theld by\tnote\n{rows}\n");

        Assert.IsTrue(table.Wrong().Any(wrong => wrong.Contains(expected, StringComparison.Ordinal)), string.Join('\n', table.Wrong()));
    }

    [TestMethod]
    public void Table_Sound_NothingIsFound() => Assert.IsEmpty(ConformanceTable.Parse(
        "sample",
        "statement\tabout\theld by\tnote\nMQTT-1.5.7-1\ta\ttest\t\nMQTT-2.2.1-2\tb\t\treason\nMQTT-2.2.1-3\tc\ttest\tand a note\nMQTT-3.10.1-1\td\ttest\t\n").Wrong());

    private static ConformanceTable Read(string file) => ConformanceTable.Parse(file, Repository.Read(Folder + file));

    // Protocol.AckTests.PUBACK_...: the project without what all projects are called, the class, the method.
    private static IEnumerable<string> TestsOf(string path)
    {
        string text = Repository.Read(path);
        string project = path.Split('/')[1].Replace("DeviceMqtt.", "", StringComparison.Ordinal).Replace(".Tests", "", StringComparison.Ordinal);
        string name = Path.GetFileNameWithoutExtension(path);
        return text.Contains($"class {name}", StringComparison.Ordinal)
            ? Test().Matches(text).Select(match => $"{project}.{name}.{match.Groups["name"].Value}")
            : [];
    }

    [GeneratedRegex(@"\[(TestMethod|DecodeTest)\][^\n]*\n(\s*\[[^\n]*\n)*\s*public (async )?(Task|void) (?<name>\w+)\(")]
    private static partial Regex Test();

    [GeneratedRegex(@"(?<=\[)MQTT-[\d.]+-\d+")]
    private static partial Regex Quoted();
}
