using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Rights;

/// <summary>Containment of filters, against all Topic Names of a small alphabet.</summary>
[TestClass]
internal sealed class FilterCoverTests
{
    private static readonly string[] Levels = ["", "a", "b", "$x"];

    // Up to four levels deep: one more than the filters, so that what # takes in is among them.
    private static readonly string[] Names = [.. Paths(Levels, 4).Where(static n => n.Length > 0)];
    private static readonly string[] Filters = [.. Paths([.. Levels, "+", "#"], 3).Where(static f => TopicFilter.TryParse(f, out _, out _) && !f.StartsWith("$share", StringComparison.Ordinal))];

    [TestMethod]
    public void Matches_AllFiltersAndNames_AsTheSpecificationReads()
    {
        foreach (string filter in Filters)
        {
            _ = TopicFilter.TryParse(filter, out TopicFilter parsed, out _);
            foreach (string name in Names)
                Assert.AreEqual(TopicName.TryParse(name, out TopicName topic, out _) && parsed.Matches(topic), FilterCover.Matches(filter, name), $"'{filter}' and '{name}'");
        }
    }

    [TestMethod]
    public void Covers_AllPairsOfFilters_WhereEveryNameOfTheNarrowIsOneOfTheWide()
    {
        Dictionary<string, HashSet<string>> matched = Filters.ToDictionary(static f => f, static f => Names.Where(n => FilterCover.Matches(f, n)).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        int covered = 0;
        foreach (string wide in Filters)
            foreach (string narrow in Filters)
            {
                bool isCovered = matched[narrow].IsSubsetOf(matched[wide]);
                bool covers = FilterCover.Covers(wide, narrow);
                Assert.IsFalse(covers && !isCovered, $"'{wide}' does not cover '{narrow}'");
                // The parent of "/#" is the empty text, which is no Topic Name: refused all the same.
                Assert.IsFalse(isCovered && !covers && narrow != "/#", $"'{wide}' covers '{narrow}'");
                covered += covers ? 1 : 0;
            }

        Assert.IsGreaterThan(Filters.Length, covered);
    }

    [TestMethod]
    [DataRow("dm/x/#", "dm/x/#", true)]
    [DataRow("dm/x/#", "dm/x", true, DisplayName = "the parent")]
    [DataRow("dm/x/#", "dm/x/+/y", true)]
    [DataRow("dm/x/#", "dm/+/#", false, DisplayName = "not compared as text")]
    [DataRow("dm/x/#", "dm/xy/#", false)]
    [DataRow("dm/+/tele", "dm/x/tele", true)]
    [DataRow("dm/+/tele", "dm/#", false)]
    [DataRow("a/+", "a/#", false)]
    [DataRow("a/+/#", "a/#", false, DisplayName = "a itself is not below a")]
    [DataRow("+/#", "#", true)]
    [DataRow("#", "$SYS/#", false)]
    [DataRow("+/broker", "$SYS/broker", false)]
    [DataRow("$SYS/#", "$SYS/broker/+", true)]
    public void Covers_Pair_AsSaid(string wide, string narrow, bool covers) => Assert.AreEqual(covers, FilterCover.Covers(wide, narrow));

    private static IEnumerable<string> Paths(string[] levels, int depth) =>
        depth == 1 ? levels : levels.Concat(levels.SelectMany(first => Paths(levels, depth - 1).Select(rest => $"{first}/{rest}")));
}
