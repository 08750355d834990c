using System.Xml.Linq;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>The code of the board, held against what nanoFramework has.</summary>
[TestClass]
public sealed class IlCheckTests
{
    private const string WireAssembly = "DeviceMqtt.Wire";
    private const string DeviceAssembly = "DeviceMqtt.Device";

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Wire_CompiledForThePc_UsesNothingABoardDoesNotHave()
    {
        IlReport report = NewChecker().Check(typeof(P2PTopic).Assembly.Location);

        TestContext.WriteLine(report.Extent);
        // A check that read nothing finds nothing: these are about half of what there was when the test was written.
        Assert.IsGreaterThan(80, report.Methods, "methods read");
        Assert.IsGreaterThan(2000, report.Instructions, "instructions read");
        Assert.IsGreaterThan(10, report.ExternalMembers.Count, "members looked up");
        Assert.Contains("System.Array.Copy(System.Array,System.Int32,System.Array,System.Int32,System.Int32)~System.Void", report.ExternalMembers);
        Assert.IsEmpty(report.Offences, report.ToString());
    }

    [TestMethod]
    public void Device_CompiledForThePc_UsesNothingABoardDoesNotHave()
    {
        IlReport report = NewChecker().Check(typeof(DeviceLoop).Assembly.Location);

        TestContext.WriteLine(report.Extent);
        Assert.IsGreaterThan(100, report.Methods, "methods read");
        Assert.IsGreaterThan(2000, report.Instructions, "instructions read");
        Assert.IsGreaterThan(30, report.ExternalMembers.Count, "members looked up");
        Assert.Contains("nanoFramework.M2Mqtt.IMqttClient.Close~System.Void", report.ExternalMembers);
        Assert.Contains("System.Threading.Thread.#ctor(System.Threading.ThreadStart)", report.ExternalMembers);
        Assert.IsEmpty(report.Offences, report.ToString());
    }

    [TestMethod]
    [DataRow("DeviceMqtt.Wire")]
    [DataRow("DeviceMqtt.Device")]
    public void DeviceProjects_AreCompiledAsCSharp9_AsTheDeviceBuildDoes(string project)
    {
        // Later versions lower interpolation and lambdas to what a board does not have; and what C# 9 refuses needs no rule here.
        string firmware = Path.Combine(RepositoryRoot.Path, "firmware");
        XDocument file = XDocument.Load(Path.Combine(firmware, project, project + ".csproj"));
        XDocument shared = XDocument.Load(Path.Combine(firmware, "NanoFramework.props"));

        Assert.IsTrue(file.Descendants("Import").Any(import => (string?)import.Attribute("Project") == "../NanoFramework.props"));
        Assert.IsEmpty(file.Descendants("LangVersion"));
        Assert.AreEqual("9.0", shared.Descendants("LangVersion").Single().Value);
    }

    [TestMethod]
    public void Device_References_WireAndTheClientInterfaceAlone()
    {
        string[] ours = [.. typeof(DeviceLoop).Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("DeviceMqtt.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

        CollectionAssert.AreEqual(new[] { "DeviceMqtt.M2Mqtt.Core", WireAssembly }, ours);
        Assert.IsFalse(typeof(P2PTopic).Assembly.GetReferencedAssemblies().Any(a => a.Name!.StartsWith("DeviceMqtt.", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Lists_AreRead_WithWhatTheyAreKnownToHold()
    {
        NanoApi api = NewApi();

        Assert.IsGreaterThan(200, api.TypeCount);
        Assert.IsGreaterThan(1500, api.MemberCount);
        Assert.IsTrue(api.HasMember('M', "System.String", "IndexOf(System.Char)~System.Int32"));
        Assert.IsFalse(api.HasMember('M', "System.String", "Replace(System.Char,System.Char)~System.String"));
        Assert.IsTrue(api.HasMember('M', "System.Threading.AutoResetEvent", "WaitOne~System.Boolean"), "inherited from WaitHandle");
        Assert.IsFalse(api.HasMember('M', "System.Threading.AutoResetEvent", "#ctor"), "constructors are not inherited");
        Assert.IsTrue(api.IsEnum("nanoFramework.M2Mqtt.Messages.MqttQoSLevel"));
    }

    [TestMethod]
    [DataRow("MissingType", "TypeMissing", "System.Uri")]
    [DataRow("MissingMethod", "MemberMissing", "System.String.Replace(System.Char,System.Char)~System.String")]
    [DataRow("MissingOverload", "MemberMissing", "System.String.StartsWith(System.Char)~System.Boolean")]
    [DataRow("MissingConstructor", "MemberMissing", "System.ArgumentOutOfRangeException.#ctor(System.String,System.Object,System.String)")]
    [DataRow("MissingField", "MemberMissing", "System.IO.Path.DirectorySeparatorChar~System.Char")]
    [DataRow("MissingBase", "TypeMissing", "System.ContextBoundObject")]
    [DataRow("MissingInterface", "TypeMissing", "System.IServiceProvider")]
    [DataRow("MissingModifier", "TypeMissing", "System.Runtime.CompilerServices.IsVolatile")]
    [DataRow("MissingCatch", "TypeMissing", "System.DivideByZeroException")]
    [DataRow("MissingOnVolatile", "TypeMissing", "System.Threading.Volatile")]
    [DataRow("MissingAttribute", "AttributeMissing", "System.Runtime.CompilerServices.SkipLocalsInitAttribute")]
    [DataRow("GenericType`1", "Generic", "generic parameters")]
    [DataRow("GenericMethod", "Generic", "generic parameters")]
    [DataRow("GenericCall", "Generic", "Use")]
    [DataRow("GenericAction", "Generic", "System.Action`1{System.Int32}")]
    [DataRow("GenericFunc", "Generic", "System.Func`1{System.Int32}")]
    [DataRow("GenericField", "Generic", "System.Collections.Generic.List`1{System.Int32}")]
    [DataRow("GenericEvent", "Generic", "System.EventHandler`1{System.EventArgs}")]
    [DataRow("FieldLikeEvent", "Generic", "CompareExchange")]
    [DataRow("GenericLocal", "Generic", "System.Nullable`1{System.Int32}")]
    [DataRow("GenericInterface", "Generic", "System.IComparable`1{DeviceMqtt.Firmware.Tests.IlCheck.Offenders.GenericInterface}")]
    [DataRow("GenericTuple", "Generic", "System.ValueTuple`2{System.Int32,System.Int32}")]
    [DataRow("NaturalLambda", "NaturalTypeLambda", null)]
    [DataRow("NaturalLambdaManyParameters", "NaturalTypeLambda", null)]
    [DataRow("MultidimensionalLocal", "MultidimensionalArray", "System.Int32[,]")]
    [DataRow("MultidimensionalField", "MultidimensionalArray", "System.Byte[,]")]
    [DataRow("StackAllocSpan", "StackAlloc", "localloc")]
    [DataRow("CheckedAdd", "Checked", "add.ovf")]
    [DataRow("CheckedCast", "Checked", "conv.ovf.u1")]
    [DataRow("CustomNumberFormat", "CustomFormat", "0.00")]
    [DataRow("CustomNumberFormatInteger", "CustomFormat", "000")]
    [DataRow("CustomFormatItem", "CustomFormat", "0.0")]
    [DataRow("EnumToString", "EnumText", "ToString of an enum")]
    [DataRow("EnumOfAnotherAssembly", "EnumText", "ToString of an enum")]
    [DataRow("EnumInText", "EnumText", "boxed enum")]
    [DataRow("EnumAsObject", "EnumText", "boxed enum")]
    [DataRow("DivisionByZeroFolded", "DivisionByZero", "ldc.r8")]
    [DataRow("DivisionByZeroLiteral", "DivisionByZero", "div")]
    [DataRow("NotANumber", "DivisionByZero", "ldc.r8")]
    [DataRow("UnassignedField", "UnassignedText", "string[] to stfld")]
    [DataRow("UnassignedFieldOfAnySize", "UnassignedText", "string[] to stfld")]
    [DataRow("UnassignedStatic", "UnassignedText", "string[] to stsfld")]
    [DataRow("UnassignedLocal", "UnassignedText", null)]
    [DataRow("UnassignedResult", "UnassignedText", "string[] to stfld")]
    [DataRow("UnassignedOut", "UnassignedText", "string[] to stfld")]
    [DataRow("AssignedInPart", "UnassignedText", null)]
    [DataRow("TextWithNull", "TextNotHeld", "U+0000")]
    [DataRow("TextWithEmoji", "TextNotHeld", "U+D83D")]
    [DataRow("TextWithLoneSurrogate", "TextNotHeld", "U+DE00")]
    [DataRow("RowWithNull", "TextNotHeld", "U+0000")]
    [DataRow("RowWithEmoji", "TextNotHeld", "U+D83D")]
    public void PlantedOffence_IsFound(string type, string rule, string? what)
    {
        IlReport report = CheckPlanted(type);

        Assert.IsTrue(
            report.Offences.Any(o => o.Rule.ToString() == rule && (what is null || o.What == what)),
            $"expected {rule}: {what}; found:{Environment.NewLine}{report}");
    }

    [TestMethod]
    public void EveryRule_HasAPlantedOffence()
    {
        IlReport all = NewChecker(NanoApi.ListsOrExtract()).Check(typeof(IlCheckTests).Assembly.Location, name => name.Contains(".Offenders.", StringComparison.Ordinal));

        CollectionAssert.AreEquivalent(Enum.GetValues<IlRule>(), all.Offences.Select(o => o.Rule).Distinct().ToArray());
    }

    [TestMethod]
    public void CleanCode_IsNotReported()
    {
        IlReport report = CheckPlanted(NewApi(), "Clean"); // It uses more of the lists than the extract has.

        Assert.IsGreaterThan(5, report.ExternalMembers.Count);
        Assert.IsEmpty(report.Offences, report.ToString());
    }

    [TestMethod]
    public void StringArray_FilledWhereItIsMade_IsNotReported()
    {
        IlReport report = CheckPlanted("AssignedTexts");

        Assert.IsFalse(report.Offences.Any(offence => offence.Rule == IlRule.UnassignedText), report.ToString());
    }

    private static IlReport CheckPlanted(string type) => CheckPlanted(NanoApi.ListsOrExtract(), type);

    private static IlReport CheckPlanted(NanoApi api, string type)
    {
        string name = $"{typeof(Offenders.Clean).Namespace}.{type}";
        // Closures and the like are nested in the type they come from.
        IlReport report = NewChecker(api).Check(typeof(IlCheckTests).Assembly.Location, found => found == name || found.StartsWith(name + ".", StringComparison.Ordinal));
        return report;
    }

    private static IlChecker NewChecker() => NewChecker(NewApi());

    private static IlChecker NewChecker(NanoApi api) => new(api, WireAssembly, DeviceAssembly, typeof(IlCheckTests).Assembly.GetName().Name!);

    private static NanoApi NewApi()
    {
        string? folder = NanoApi.FindFolder();
        if (folder is null)
        {
            Assert.Inconclusive($"The lists of nanoFramework's members are not there: set {NanoApi.FolderVariable} to their folder (nano-api).");
        }

        return new NanoApi(folder);
    }
}
