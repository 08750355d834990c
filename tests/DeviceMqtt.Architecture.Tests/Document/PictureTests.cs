namespace DeviceMqtt.Architecture.Tests.Document;

[TestClass]
public sealed class PictureTests
{
    private const string Good = """
        # How it is built

        ## Floors

        The compiler holds these.

        | Assembly | Holds | May name |
        |---|---|---|
        | `DeviceMqtt.Protocol` | packets | nothing |
        | Broker | state, and rules | Protocol, `DeviceMqtt.Wire` |
        | Gateway | the host | all |

        ## Floors inside an assembly

        | Assembly | Folder | May name |
        |:---|:--:|---|
        | Broker | `Words/` | nothing |
        | Broker | `Topics` | `Words` |
        | Broker | . | Words, Topics |

        Text after a table.

        ## Circles of files

        | Assembly | Files | Why |
        |---|---|---|
        | Broker | `Trie`, `Branch` | a tree and its branches |
        """;

    [TestMethod]
    public void Tables_AreRead()
    {
        Picture picture = Picture.Parse(Good);

        Assert.AreEqual(
            "DeviceMqtt.Protocol: | DeviceMqtt.Broker:DeviceMqtt.Protocol,DeviceMqtt.Wire | DeviceMqtt.Gateway:DeviceMqtt.Protocol,DeviceMqtt.Wire,DeviceMqtt.Broker",
            string.Join(" | ", picture.Assemblies.Select(row => $"{row.Assembly}:{string.Join(',', row.MayName)}")));
        Assert.AreEqual(
            "DeviceMqtt.Broker/Words: | DeviceMqtt.Broker/Topics:Words | DeviceMqtt.Broker/.:Words,Topics",
            string.Join(" | ", picture.Folders.Select(row => $"{row.Assembly}/{row.Folder}:{string.Join(',', row.MayName)}")));
        Assert.AreEqual("DeviceMqtt.Broker:Branch,Trie", string.Join(" | ", picture.Circles.Select(row => $"{row.Assembly}:{string.Join(',', row.Files)}")));
        Assert.AreEqual("gateway/docs/architecture.md:18", picture.Folders[1].Place.ToString());
    }

    [TestMethod]
    public void WindowsLineEnds_AreReadTheSame() =>
        Assert.HasCount(3, Picture.Parse(Good.ReplaceLineEndings("\r\n")).Folders);

    [TestMethod]
    public void TableOfCircles_IsNotNeeded() =>
        Assert.IsEmpty(Picture.Parse(Good[..Good.IndexOf("## Circles", StringComparison.Ordinal)]).Circles);

    [TestMethod]
    [DataRow("## Floors\n", "## Ground\n", "gateway/docs/architecture.md: there is no heading '## Floors' with a table | Assembly | May name |", DisplayName = "heading")]
    [DataRow("| Assembly | Holds | May name |\n|---|---|---|\n", "", ":7: the table under 'Floors' has no column 'Assembly'", DisplayName = "header")]
    [DataRow("| Assembly | Folder | May name |", "| Assembly | Room | May name |", ":15: the table under 'Floors inside an assembly' has no column 'Folder'", DisplayName = "column")]
    [DataRow("|:---|:--:|---|\n", "", ":16: the header of a table is followed by a row of dashes: |---|---|---|", DisplayName = "dashes")]
    [DataRow("| Broker | `Topics` | `Words` |", "| Broker | `Topics` |", ":18: 2 cells in a table of 3 columns: | Broker | `Topics` |", DisplayName = "cell")]
    [DataRow("| Broker | `Topics` | `Words` |", "| | `Topics` | `Words` |", ":18: the cell of 'Assembly' is empty", DisplayName = "assembly")]
    [DataRow("| Broker | `Topics` | `Words` |", "| Broker | `Topics` | |", ":18: the cell of 'May name' is empty", DisplayName = "names")]
    [DataRow("| Words, Topics |", "| Words Topics |", ":19: 'Words Topics' in 'May name' is no name: write names between commas, or 'nothing'", DisplayName = "comma")]
    [DataRow("| Words, Topics |", "| Words,, Topics |", ":19: '' in 'May name' is no name: write names between commas, or 'nothing'", DisplayName = "name between commas")]
    [DataRow("| a tree and its branches |", "| |", ":27: the cell of 'Why' is empty", DisplayName = "reason")]
    public void WhatIsMissing_IsNamedWithItsLine(string good, string bad, string message) => Refuses(good, bad, message);

    [TestMethod]
    [DataRow("| Broker | `Topics` | `Words` |", "| Broker | Words | Topics |", ":18: stands there twice", DisplayName = "folder")]
    [DataRow("| Gateway | the host | all |", "| DeviceMqtt.Broker | the host | all |", ":11: stands there twice", DisplayName = "assembly")]
    public void WhatStandsThereTwice_IsNamedWithItsLine(string good, string bad, string message) => Refuses(good, bad, message);

    [TestMethod]
    public void HeadingWithoutATable_IsNamedWithItsLine() =>
        Refuses(Good[Good.IndexOf("| Assembly | Files", StringComparison.Ordinal)..], "None.", ":23: no table under 'Circles of files': it needs the columns | Assembly | Files | Why |");

    private static void Refuses(string good, string bad, string message)
    {
        string text = Good.ReplaceLineEndings("\n").Replace(good.ReplaceLineEndings("\n"), bad, StringComparison.Ordinal);
        Assert.AreNotEqual(Good.ReplaceLineEndings("\n"), text, "the case changes nothing");

        DocumentException refused = Assert.ThrowsExactly<DocumentException>(() => Picture.Parse(text));
        Assert.EndsWith(message, refused.Message, StringComparison.Ordinal);
    }
}
