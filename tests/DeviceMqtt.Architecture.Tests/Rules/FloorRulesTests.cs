namespace DeviceMqtt.Architecture.Tests.Rules;

[TestClass]
public sealed class FloorRulesTests
{
    private const string Name = "DeviceMqtt.Broker";

    private static readonly Picture Floors = Draw("Words: nothing", "Topics: Words", "Sessions: Words, Topics");

    [TestMethod]
    public void CodeThatIsAsTheTable_OffendsNothing()
    {
        AssemblyView code = Code("Sessions/Session>Topics/Trie Sessions/Session>Words/Reason Topics/Trie>Words/Reason Topics/Trie>Topics/Branch");

        Assert.IsEmpty(FloorRules.ArrowsOutsideTheTable(code, Floors));
        Assert.IsEmpty(FloorRules.ArrowsOnlyInTheTable(code, Floors));
        Assert.IsEmpty(FloorRules.CirclesOfFolders(Name, Floors));
        Assert.IsEmpty(FloorRules.RowsOutOfOrder(Name, Floors));
        Assert.IsEmpty(FloorRules.CirclesOutsideTheTable(code, Floors));
    }

    [TestMethod]
    public void ArrowOutsideTheTable_IsNamedWithBothFoldersAndExamples()
    {
        AssemblyView code = Code("Words/Reason>Sessions/A Words/Reason>Sessions/B Words/Reason>Sessions/C Words/Reason>Sessions/D Words/Reason>Sessions/E Words/Reason>Sessions/F");

        Assert.AreEqual(
            "gateway/docs/architecture.md:9: DeviceMqtt.Broker: Words may not name Sessions: "
                + "Reason -> A (m), Reason -> B (m), Reason -> C (m), Reason -> D (m), Reason -> E (m), and 1 more",
            FloorRules.ArrowsOutsideTheTable(code, Floors).Single());
    }

    [TestMethod]
    public void FolderWithoutARow_IsNamed() =>
        Assert.AreEqual("DeviceMqtt.Broker: the folder Peers has no row", FloorRules.ArrowsOutsideTheTable(Code("Peers/Mailbox>Words/Reason"), Floors).Single());

    [TestMethod]
    public void ArrowThatNoCodeUses_IsNamed()
    {
        AssemblyView code = Code("Sessions/Session>Topics/Trie Topics/Trie>Words/Reason");

        Assert.AreEqual("gateway/docs/architecture.md:11: DeviceMqtt.Broker: Sessions names nothing of Words", FloorRules.ArrowsOnlyInTheTable(code, Floors).Single());
    }

    [TestMethod]
    public void RowOfAFolderThatIsGone_IsNamed() =>
        Assert.Contains(
            "gateway/docs/architecture.md:11: DeviceMqtt.Broker has no folder Sessions with a type in it",
            FloorRules.ArrowsOnlyInTheTable(Code("Topics/Trie>Words/Reason"), Floors));

    [TestMethod]
    public void FoldersThatNameEachOther_AreNamed() =>
        Assert.Contains(
            "gateway/docs/architecture.md:10: DeviceMqtt.Broker: Topics and Words name each other",
            FloorRules.CirclesOfFolders(Name, Draw("Words: Topics", "Topics: Words")));

    [TestMethod]
    public void FoldersInACircle_AreNamed() =>
        Assert.AreEqual(
            "DeviceMqtt.Broker: a circle of folders: A, B, C",
            FloorRules.CirclesOfFolders(Name, Draw("A: B", "B: C", "C: A", "D: A")).Single());

    [TestMethod]
    public void FolderThatNamesOneBelowItInTheTable_IsNamed() =>
        Assert.AreEqual(
            "gateway/docs/architecture.md:9: DeviceMqtt.Broker: Topics names Words, which has no row above it",
            FloorRules.RowsOutOfOrder(Name, Draw("Topics: Words", "Words: nothing")).Single());

    [TestMethod]
    public void CircleOfFiveFiles_IsTooLarge_WhateverTheTableSays() =>
        Assert.AreEqual(
            "DeviceMqtt.Broker: a circle of 5 files, 4 are the most: A, B, C, D, E",
            FloorRules.CirclesOutsideTheTable(
                Code("T/A>T/B T/B>T/C T/C>T/D T/D>T/E T/E>T/A"),
                Floors with { Circles = [new CircleRow(Floors.Folders[0].Place, Name, ["A", "B", "C", "D", "E"])] }).Single());

    [TestMethod]
    public void SmallCircle_StandsInTheTable()
    {
        AssemblyView code = Code("T/A>T/B T/B>T/A");
        Picture listed = Floors with { Circles = [new CircleRow(Floors.Folders[0].Place, Name, ["A", "B"])] };
        Picture elsewhere = Floors with { Circles = [new CircleRow(Floors.Folders[0].Place, "DeviceMqtt.Relay", ["A", "B"])] };

        Assert.IsEmpty(FloorRules.CirclesOutsideTheTable(code, listed));
        Assert.IsEmpty(FloorRules.CirclesOnlyInTheTable(code, listed));
        Assert.AreEqual("DeviceMqtt.Broker: a circle that is not in the table 'Circles of files': A, B", FloorRules.CirclesOutsideTheTable(code, Floors).Single());
        Assert.HasCount(1, FloorRules.CirclesOutsideTheTable(code, elsewhere));
    }

    [TestMethod]
    public void CircleThatIsNoneAnyMore_IsNamed() =>
        Assert.AreEqual(
            "gateway/docs/architecture.md:9: DeviceMqtt.Broker has no circle of exactly these files: A, B",
            FloorRules.CirclesOnlyInTheTable(
                Code("T/A>T/B T/B>T/C T/C>T/A"),
                Floors with { Circles = [new CircleRow(Floors.Folders[0].Place, Name, ["A", "B"])] }).Single());

    [TestMethod]
    public void ReferenceOutsideTheTable_IsNamed()
    {
        AssemblyView code = new(Name, new Dictionary<TypeFile, string>(), []) { References = ["DeviceMqtt.Journal", "DeviceMqtt.Protocol"] };
        AssemblyView unknown = new("DeviceMqtt.Client", new Dictionary<TypeFile, string>(), []);

        Assert.AreEqual("gateway/docs/architecture.md:5: DeviceMqtt.Broker may not name DeviceMqtt.Journal", FloorRules.ReferencesOutsideTheTable(code, Floors).Single());
        Assert.AreEqual("DeviceMqtt.Client has no row in the table 'Floors'", FloorRules.ReferencesOutsideTheTable(unknown, Floors).Single());
    }

    [TestMethod]
    public void AssemblyThatNamesOneBelowItInTheTable_IsNamed()
    {
        TableRow place = Floors.Folders[0].Place;
        Picture picture = Floors with { Assemblies = [new AssemblyRow(place, "DeviceMqtt.A", ["DeviceMqtt.B", "DeviceMqtt.Wire"]), new AssemblyRow(place, "DeviceMqtt.B", [])] };

        Assert.AreEqual(
            "gateway/docs/architecture.md:9: DeviceMqtt.A names DeviceMqtt.B, which has no row above it",
            FloorRules.AssembliesOutOfOrder(picture).Single());
        Assert.IsEmpty(FloorRules.AssembliesOutOfOrder(picture with { Assemblies = [.. picture.Assemblies.Reverse()] }));
    }

    [TestMethod]
    public void RowOfAnAssemblyThatIsNotThere_IsNamed() =>
        Assert.Contains("gateway/docs/architecture.md:5: there is no DeviceMqtt.Broker below gateway/", FloorRules.RowsOfNoAssembly([], Floors));

    private static Picture Draw(params string[] rows) => Picture.Parse(
        "## Floors\n\n| Assembly | May name |\n|---|---|\n| Broker | Protocol |\n## Floors inside an assembly\n| Assembly | Folder | May name |\n|---|---|---|\n"
        + string.Concat(rows.Select(row => $"| Broker | {row.Replace(": ", " | ", StringComparison.Ordinal)} |\n")));

    // "Topics/Trie>Words/Reason": the file Trie in the folder Topics names the file Reason in the folder Words.
    private static AssemblyView Code(string arrows)
    {
        (string Folder, TypeFile File)[][] ends =
            [.. arrows.Split(' ').Select(arrow => arrow.Split('>').Select(end => (end.Split('/')[0], new TypeFile(Name, end.Split('/')[1]))).ToArray())];
        return new AssemblyView(
            Name,
            ends.SelectMany(pair => pair).Distinct().ToDictionary(end => end.File, end => end.Folder),
            ends.Select(pair => (new Arrow(pair[0].File, pair[1].File), (IReadOnlyCollection<string>)["m"])));
    }
}
