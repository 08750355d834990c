using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Broker.Tests.Routing;

/// <summary>The tree underneath, with Topic Names as keys: what retained messages are found by.</summary>
[TestClass]
internal sealed class TopicTrieTests
{
    private sealed record Step(bool Set, string Name, string Filter);

    private static readonly Gen<Step> AnyStep =
        from set in Gen.Elements(true, true, false)
        from name in AnyTopic.Name
        from filter in AnyTopic.Filter
        select new Step(set, name, filter);

    [TestMethod]
    public void Names_AfterAnyChanges_FoundByFilterAsANaiveSearchDoes() => Chance.CheckSteps(AnyStep, 60, 400, steps =>
    {
        TopicTrie<string> trie = new();
        HashSet<string> model = [];
        foreach (Step step in steps)
        {
            if (step.Set)
            {
                trie.Set(step.Name, step.Name);
                model.Add(step.Name);
            }
            else
            {
                Assert.AreEqual(model.Remove(step.Name) ? step.Name : null, trie.Remove(step.Name));
            }

            Assert.AreEqual(model.Contains(step.Name) ? step.Name : null, trie.Find(step.Name));
            TopicFilter filter = Make.Filter(step.Filter);
            List<string> found = Walk(trie, filter.Match);
            string[] expected = [.. model.Where(name => filter.Matches(Make.Topic(name)))];
            CollectionAssert.AreEquivalent(expected, found, $"{step.Filter} of {string.Join(", ", model)}");
        }
    });

    [TestMethod]
    [DataRow("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [DataRow("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [DataRow("sport/#", "sport", true)]
    [DataRow("#", "sport", true)]
    [DataRow("sport/tennis/+", "sport/tennis/player1", true)]
    [DataRow("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [DataRow("sport/+", "sport", false)]
    [DataRow("sport/+", "sport/", true)]
    [DataRow("+/+", "/finance", true)]
    [DataRow("/+", "/finance", true)]
    [DataRow("+", "/finance", false)]
    [DataRow("#", "$SYS/monitor", false)]
    [DataRow("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [DataRow("$SYS/#", "$SYS/monitor", true)]
    [DataRow("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [DataRow("ACCOUNTS", "Accounts", false)]
    public void Matching_ExamplesOfTheSpecification_AsWritten(string filter, string topic, bool matches) // section 4.7
    {
        TopicTrie<string> filters = new();
        filters.Set(filter, filter);
        List<string> found = [];
        filters.CollectFiltersMatching(topic, found);
        Assert.HasCount(matches ? 1 : 0, found);

        TopicTrie<string> names = new();
        names.Set(topic, topic);
        Assert.HasCount(matches ? 1 : 0, Walk(names, filter));
    }

    [TestMethod]
    public void Walk_NamesComeAndGoInBetween_ThoseThatStayAreMetOnce()
    {
        TopicTrie<string> trie = new();
        for (int i = 0; i < 100; i++)
            trie.Set($"t/{i}", $"t/{i}");
        TopicTrie<string>.Cursor cursor = trie.OpenNamesMatching("#");
        List<string> found = [];
        for (int step = 0; cursor.Step(out string? name); step++)
        {
            if (name is not null)
                found.Add(name);
            if (step is > 10 and < 60)
                _ = trie.Remove($"t/{step}");
            trie.Set($"t/new{step}", $"t/new{step}");
        }

        string[] stayed = [.. Enumerable.Range(0, 100).Where(i => i is <= 10 or >= 60).Select(i => $"t/{i}")];
        CollectionAssert.IsSubsetOf(stayed, found);
        Assert.HasCount(found.Count, found.ToHashSet());
    }

    // Thousands of Sessions may each have one that waits for an acknowledgement.
    [TestMethod]
    [DataRow("t/+")]
    [DataRow("#")]
    public void Walk_OfManyNames_HoldsNoCopyOfThem(string filter)
    {
        TopicTrie<string> trie = new();
        for (int i = 0; i < 20_000; i++)
            trie.Set($"t/{i}", "x");
        long before = GC.GetAllocatedBytesForCurrentThread();
        TopicTrie<string>.Cursor cursor = trie.OpenNamesMatching(filter);
        for (int step = 0; step < 10; step++)
            _ = cursor.Step(out _);
        Assert.IsLessThan(4_096, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Walk_ManyGoAtRandom_ThoseThatStayAreMetOnceAndInOrder()
    {
        Random random = new(7);
        TopicTrie<string> trie = new();
        List<string> names = [.. Enumerable.Range(0, 2_000).Select(i => $"t/{i % 40}/{i}")];
        foreach (string name in names)
            trie.Set(name, name);
        HashSet<string> gone = [];
        List<string> found = [];
        TopicTrie<string>.Cursor cursor = trie.OpenNamesMatching("t/#");
        while (cursor.Step(out string? name))
        {
            if (name is not null)
                found.Add(name);
            // Mostly the one where the walk stands.
            string next = random.Next(2) == 0 && found.Count > 0 ? found[^1] : names[random.Next(names.Count)];
            if (random.Next(3) == 0 && trie.Remove(next) is not null)
                _ = gone.Add(next);
        }

        CollectionAssert.IsSubsetOf(names.Where(name => !gone.Contains(name)).ToArray(), found);
        Assert.HasCount(found.Count, found.ToHashSet());
        Assert.IsGreaterThan(100, gone.Count);
    }

    // Where a walk stands goes, with all around it, from either end.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public void Walk_AllBeforeAndAroundItGo_GoesOnWithTheNextThatStays(bool isFromTheFirst)
    {
        TopicTrie<string> trie = new();
        for (int i = 0; i < 1_000; i++)
            trie.Set($"t/{i}", $"t/{i}");
        TopicTrie<string>.Cursor cursor = trie.OpenNamesMatching("t/+");
        List<string> found = [];
        while (found.Count < 500 && cursor.Step(out string? name))
            if (name is not null)
                found.Add(name);
        for (int i = 0; i < 600; i++)
            Assert.IsNotNull(trie.Remove($"t/{(isFromTheFirst ? i : 599 - i)}"));
        for (int i = 0; i < 10; i++)
            trie.Set($"t/{i}", "late");
        while (cursor.Step(out string? name))
            if (name is not null)
                found.Add(name);
        CollectionAssert.AreEqual(Enumerable.Range(0, 500).Concat(Enumerable.Range(600, 400)).Select(static i => $"t/{i}").ToArray(), found);
        Assert.HasCount(410, Walk(trie, "t/+"));
    }

    private static List<string> Walk(TopicTrie<string> trie, string filter)
    {
        List<string> found = [];
        TopicTrie<string>.Cursor cursor = trie.OpenNamesMatching(filter);
        while (cursor.Step(out string? name))
            if (name is not null)
                found.Add(name);
        return found;
    }
}
