using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>
/// The code of the board and its tests as it is compiled against the real mscorlib of nanoFramework.CoreLibrary (tests/DeviceMqtt.Device.CoreLibrary): that
/// it was, with everything in it, and that each member it uses stands in that package's own documentation.
/// </summary>
[TestClass]
public sealed class CoreLibraryTests
{
    // What the runtime gives every delegate; the compiler has seen it in the assembly, but nobody has documented it.
    private static readonly HashSet<string> Undocumented = new(StringComparer.Ordinal)
    {
        "M:System.Action.#ctor(System.Object,System.IntPtr)",
        "M:System.Action.Invoke",
        "M:System.Threading.ThreadStart.#ctor(System.Object,System.IntPtr)",
        "M:System.Threading.ThreadStart.Invoke",
    };

    private static readonly string Folder = Path.Combine(
        RepositoryRoot.Path, "tests", "DeviceMqtt.Device.CoreLibrary", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0");

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Assembly_RefersToNanoFrameworksCoreLibraryAlone()
    {
        using PEReader pe = new(File.OpenRead(AssemblyPath));
        MetadataReader reader = pe.GetMetadataReader();
        string[] references = [.. reader.AssemblyReferences.Select(reader.GetAssemblyReference).Select(a => $"{reader.GetString(a.Name)} {a.Version}")];

        CollectionAssert.AreEqual(new[] { "mscorlib 1.17.11.0" }, references);
    }

    [TestMethod]
    [DataRow("DeviceMqtt.Wire")]
    [DataRow("DeviceMqtt.Device")]
    [DataRow("DeviceMqtt.Device.Tests")]
    public void Assembly_HasEveryTypeOfTheBoard(string assembly)
    {
        HashSet<string> compiled = [.. NamesOf(AssemblyPath)];
        string[] missing =
        [
            .. NamesOf(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"))
                .Where(name => name.StartsWith("DeviceMqtt.", StringComparison.Ordinal) && !name.Contains('<', StringComparison.Ordinal) && !compiled.Contains(name)),
        ];

        Assert.IsGreaterThan(100, compiled.Count);
        Assert.IsEmpty(missing, string.Join(' ', missing));
    }

    [TestMethod]
    public void Members_OfTheCoreLibrary_AreInItsDocumentation()
    {
        HashSet<string> documented =
            [.. XDocument.Load(Path.Combine(Folder, "mscorlib.xml")).Descendants("member").Select(member => member.Attribute("name")!.Value)];
        string[] used = [.. UsedMembers()];
        string[] missing = [.. used.Where(id => !documented.Contains(id) && !Undocumented.Contains(id)).Order(StringComparer.Ordinal)];

        TestContext.WriteLine($"{used.Length} members used, {documented.Count} documented");
        Assert.IsGreaterThan(40, used.Length);
        Assert.IsGreaterThan(1_000, documented.Count);
        Assert.DoesNotContain("M:System.String.Replace(System.Char,System.Char)", documented);
        Assert.IsEmpty(missing, string.Join(Environment.NewLine, missing));
    }

    private static string AssemblyPath => Path.Combine(Folder, "DeviceMqtt.Device.CoreLibrary.dll");

    private static IEnumerable<string> NamesOf(string path)
    {
        using PEReader pe = new(File.OpenRead(path));
        MetadataReader reader = pe.GetMetadataReader();
        return [.. reader.TypeDefinitions.Select(handle => MetadataNames.NameOf(reader, handle))];
    }

    private static IEnumerable<string> UsedMembers()
    {
        using PEReader pe = new(File.OpenRead(AssemblyPath));
        MetadataReader reader = pe.GetMetadataReader();
        TypeTextProvider provider = new(new HashSet<string>());
        return
        [
            .. reader.MemberReferences.Select(reader.GetMemberReference)
                .Where(member => member.Parent.Kind == HandleKind.TypeReference)
                .Select(member => IdOf(reader, member, provider)),
        ];
    }

    // A property is documented as such, its accessors are not.
    private static string IdOf(MetadataReader reader, MemberReference member, TypeTextProvider provider)
    {
        string type = provider.GetTypeFromReference(reader, (TypeReferenceHandle)member.Parent, 0).Id;
        string name = reader.GetString(member.Name);
        if (member.GetKind() == MemberReferenceKind.Field)
        {
            return $"F:{type}.{name}";
        }

        MethodSignature<TypeText> signature = member.DecodeMethodSignature(provider, genericContext: null);
        string parameters = signature.ParameterTypes.Length == 0 ? "" : $"({string.Join(',', signature.ParameterTypes.Select(p => p.Id))})";
        return name.StartsWith("get_", StringComparison.Ordinal) ? $"P:{type}.{(name == "get_Chars" ? "Chars" : name[4..])}{parameters}"
            : $"M:{type}.{(name == ".ctor" ? "#ctor" : name)}{parameters}";
    }
}
