namespace DeviceMqtt.Architecture.Tests.Detection;

[TestClass]
public sealed class ProjectFoldersTests
{
    private static readonly ProjectFolders Folders = new(
        "DeviceMqtt.Broker",
        ["Limits.cs", "Words/DropReason.cs", "Queues/Disk/Spill.cs", "Topics/Route.cs", "Peers/Route.cs", "Words/Many.cs", "Topics/Trie.Match.cs", "Topics/Trie.Add.cs"]);

    [TestMethod]
    [DataRow("DeviceMqtt.Broker", "Limits", ".", DisplayName = "beside the project")]
    [DataRow("DeviceMqtt.Broker.Words", "DropReason", "Words", DisplayName = "in a folder")]
    [DataRow("DeviceMqtt.Broker.Queues.Disk", "Spill", "Queues", DisplayName = "in a folder of a folder")]
    [DataRow("DeviceMqtt.Broker.Peers", "Route", "Peers", DisplayName = "two of one name, told apart by their namespace")]
    [DataRow("DeviceMqtt.Broker.Topics", "Route", "Topics", DisplayName = "two of one name, the other")]
    public void Folder_IsThatOfTheSourceFileWithTheTypesName(string space, string name, string folder) =>
        Assert.AreEqual(folder, Folders.Find(new TypeFile(space, name), []));

    [TestMethod]
    [DataRow("Second", "/some/machine/gateway/DeviceMqtt.Broker/Words/Many.cs", "Words", DisplayName = "second type of a file")]
    [DataRow("Trie", "/_/gateway/DeviceMqtt.Broker/Topics/Trie.Add.cs", "Topics", DisplayName = "partial class")]
    [DataRow("Route", "/_/gateway/DeviceMqtt.Broker/Peers/Route.cs", "Peers", DisplayName = "two of one name")]
    public void Folder_OfAFileWithAnotherName_IsThatOfThePdb(string name, string document, string folder) =>
        Assert.AreEqual(folder, Folders.Find(new TypeFile("DeviceMqtt.Broker", name), [document]));

    [TestMethod]
    public void FileThatIsNowhere_HasNoFolder()
    {
        TypeFile file = new("DeviceMqtt.Broker", "Second");

        Assert.IsNull(Folders.Find(file, []));
        Assert.IsNull(Folders.Find(file, ["/_/gateway/DeviceMqtt.Broker/obj/Second.g.cs"]));
        Assert.IsFalse(ProjectFolders.IsGenerated(file, []));
        Assert.IsTrue(ProjectFolders.IsGenerated(file, ["/_/gateway/DeviceMqtt.Broker/obj/Second.g.cs"]));
        Assert.IsTrue(ProjectFolders.IsGenerated(new TypeFile("", "<PrivateImplementationDetails>"), []));
    }

    [TestMethod]
    public void Pdb_HasTheDocumentOfEveryKindOfType()
    {
        ILookup<TypeFile, string> documents = Planted.Documents(
            ("/x/Many.cs", "class A { void F() { } } enum B { One } interface C { void F(); } delegate void D(); partial class E { void F() { } }"),
            ("/x/E.More.cs", "partial class E { int _x = 1; void G() { } }"));

        foreach (string name in (string[])["A", "B", "C", "D"])
        {
            Assert.AreEqual("/x/Many.cs", string.Join(',', documents[new TypeFile("", name)]), name);
        }

        Assert.AreEqual("/x/E.More.cs,/x/Many.cs", string.Join(',', documents[new TypeFile("", "E")].Order(StringComparer.Ordinal)));
    }
}
