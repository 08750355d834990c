using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Tree;

/// <summary>What may not stand in a source file of this project.</summary>
[TestClass]
public sealed partial class TidySourceTests
{
    private static readonly string[] Texts =
        [".cs", ".csproj", ".props", ".targets", ".json", ".mjs", ".md", ".yml", ".sh", ".sln", ".editorconfig", ".conf", ".service", "/run"];

    [TestMethod]
    public void Source_DoesNotReadLocalTime() => NowhereIn(Repository.Files(".cs"), LocalTime(), "time comes from a TimeProvider, and is UTC");

    [TestMethod]
    public void Tests_DoNotWaitForADuration() => NowhereIn(
        Repository.Files(".cs").Where(IsTest), Sleep(), "a test waits for an event, with a timeout");

    [TestMethod]
    public void Text_HasNoReminder() => NowhereIn(Repository.Files(Texts), Reminder(), "mend it, or put it under Known issues of its document");

    [TestMethod]
    public void Text_HasNoPathOfSomebodysMachine() => NowhereIn(Repository.Files(Texts), MachinePath(), "no path of one machine");

    [TestMethod]
    public void Text_HasNoHostOfAPackageRegistry() => NowhereIn(
        Repository.Files(Texts), RegistryHost(), "where packages come from is the machine's business");

    [TestMethod]
    public void Firmware_UsesNoLinqAndNoGenericCollections() => NowhereIn(
        Repository.Files(".cs").Where(IsFirmwareCore), FirmwareBanned(), "nanoFramework 1.x has neither");

    [TestMethod]
    [DataRow("DeviceMqtt.Device"), DataRow("DeviceMqtt.Wire")]
    public void Firmware_DefinesAndUsesNoGenerics(string assembly)
    {
        using PEReader reader = new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));
        MetadataReader metadata = reader.GetMetadataReader();

        // Generic types crash the runtime of the board when it loads the assembly; generic methods compute wrong values.
        Assert.AreEqual(0, metadata.GetTableRowCount(TableIndex.GenericParam), "generic types or methods defined");
        Assert.AreEqual(0, metadata.GetTableRowCount(TableIndex.MethodSpec), "generic methods called");
        Findings.AreNone(GenericInstances(metadata), "generic types used");
    }

    [TestMethod]
    public void File_HasAtMost400Lines()
    {
        const int LinesMax = 400;
        IEnumerable<string> tooLong = Repository.Files(".cs", ".mjs", ".csproj", ".props", ".targets", ".sh")
            .Select(path => (Path: path, Lines: Repository.Read(path).AsSpan().Count('\n')))
            .Where(file => file.Lines > LinesMax)
            .Select(file => $"{file.Path}: {file.Lines} lines");

        Findings.AreNone(tooLong, "look for the second noun in it");
    }

    private static bool IsTest(string path) =>
        path.StartsWith("tests/", StringComparison.Ordinal) && !path.StartsWith("tests/DeviceMqtt.Benchmarks/", StringComparison.Ordinal);

    private static bool IsFirmwareCore(string path) =>
        path.StartsWith("firmware/DeviceMqtt.Device/", StringComparison.Ordinal) || path.StartsWith("firmware/DeviceMqtt.Wire/", StringComparison.Ordinal);

    private static void NowhereIn(IEnumerable<string> files, Regex banned, string reason)
    {
        string[] read = [.. files];
        Assert.IsNotEmpty(read, "no file was looked at");
        IEnumerable<string> found = read.SelectMany(path => Repository.Read(path).Split('\n')
            .Select((line, index) => (Line: line, Number: index + 1))
            .Where(at => banned.IsMatch(at.Line))
            .Select(at => $"{path}:{at.Number}: {at.Line.Trim()}"));

        Findings.AreNone(found, reason);
    }

    private static IEnumerable<string> GenericInstances(MetadataReader metadata)
    {
        for (int row = 1; row <= metadata.GetTableRowCount(TableIndex.TypeSpec); row++)
        {
            TypeSpecification type = metadata.GetTypeSpecification(MetadataTokens.TypeSpecificationHandle(row));
            if (metadata.GetBlobReader(type.Signature).ReadSignatureTypeCode() == SignatureTypeCode.GenericTypeInstance)
            {
                yield return Convert.ToHexString(metadata.GetBlobBytes(type.Signature));
            }
        }
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Now|Today)\b")]
    private static partial Regex LocalTime();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b")]
    private static partial Regex Reminder();

    [GeneratedRegex(@"(?<![\w.~$}])/(home|Users|root|work)/|[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"registry\.npmjs|api\.nuget|deb\.debian|crates\.io|pypi\.")]
    private static partial Regex RegistryHost();

    [GeneratedRegex(@"\bSystem\.(Linq|Collections\.Generic)\b")]
    private static partial Regex FirmwareBanned();
}
