using DeviceMqtt.Architecture.Tests.Rules;

namespace DeviceMqtt.Architecture.Tests;

/// <summary>The floors of gateway/docs/architecture.md, held by the compiled code. What the project files may reference, TidyReferenceTests holds.</summary>
[TestClass]
public sealed class ArchitectureTests
{
    [TestMethod]
    public void FolderThatNamesAnother_HasAnArrowInTheDocument() =>
        Holds(FloorRules.ArrowsOutsideTheTable, "the floors do not allow it: move the code, give the lower floor a port, or change the table");

    [TestMethod]
    public void ArrowInTheDocument_IsUsedByTheCode() =>
        Holds(FloorRules.ArrowsOnlyInTheTable, "take it out of the table");

    [TestMethod]
    public void FoldersInTheDocument_NameEachOtherInNoCircle() =>
        Holds((assembly, picture) => FloorRules.CirclesOfFolders(assembly.Name, picture), "arrows go down");

    [TestMethod]
    public void FoldersInTheDocument_StandFromTheBottomToTheTop() =>
        Holds((assembly, picture) => FloorRules.RowsOutOfOrder(assembly.Name, picture), "a row stands under those that it names");

    [TestMethod]
    public void FilesThatNameEachOtherInACircle_AreAtMostFour_AndInTheDocument() =>
        Holds(FloorRules.CirclesOutsideTheTable, "take the circle apart, or give the reason for a small one");

    [TestMethod]
    public void CircleInTheDocument_IsOneInTheCode() =>
        Holds(FloorRules.CirclesOnlyInTheTable, "take it out of the table");

    [TestMethod]
    public void AssemblyThatNamesAnother_MayDoSoByTheDocument() =>
        Holds(FloorRules.ReferencesOutsideTheTable, "assemblies name only those below");

    [TestMethod]
    public void AssembliesInTheDocument_StandFromTheBottomToTheTop() =>
        AreNone(FloorRules.AssembliesOutOfOrder(GatewayTree.ReadPicture()), "a row stands under those that it names");

    [TestMethod]
    public void RowOfTheDocument_IsAboutAnAssemblyThatIsThere() =>
        AreNone(FloorRules.RowsOfNoAssembly(GatewayTree.Assemblies, GatewayTree.ReadPicture()), "take it out of the table");

    [TestMethod]
    public void TypeOfTheGateway_IsFoundInTheSources() =>
        AreNone(
            GatewayTree.Assemblies.SelectMany(assembly => assembly.Lost.Select(file => $"{assembly.Name}: {file.Namespace}.{file.Name}")),
            "name the source file after its type");

    private static void Holds(Func<AssemblyView, Picture, IEnumerable<string>> rule, string advice)
    {
        Picture picture = GatewayTree.ReadPicture();
        AreNone(GatewayTree.Assemblies.SelectMany(assembly => rule(assembly, picture)), advice);
    }

    // A failure lists all of it, so that one run shows everything there is to mend.
    private static void AreNone(IEnumerable<string> findings, string advice)
    {
        string[] all = [.. findings];
        Assert.IsTrue(all.Length == 0, $"{advice}:{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", all)}");
    }
}
