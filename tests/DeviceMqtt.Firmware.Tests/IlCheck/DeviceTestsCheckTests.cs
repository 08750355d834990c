using System.Reflection;
using System.Xml.Linq;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>
/// The device tests, which run on a PC and on a board from the same files: that they use nothing a board does not have, and that the vocabulary they
/// are written in is the one of nanoFramework.TestFramework.
/// </summary>
[TestClass]
public sealed class DeviceTestsCheckTests
{
    private const string Vocabulary = "nanoFramework.TestFramework";
    private static readonly Assembly Tests = typeof(Bench).Assembly;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void DeviceTests_CompiledForThePc_UseNothingABoardDoesNotHave()
    {
        IlReport report = Check(NewApi());

        TestContext.WriteLine(report.Extent);
        Assert.IsGreaterThan(300, report.Methods, "methods read");
        Assert.IsGreaterThan(5_000, report.Instructions, "instructions read");
        Assert.IsEmpty(report.Offences, report.ToString());
    }

    [TestMethod]
    public void Vocabulary_OnThePc_HasOnlyMembersOfTheRealOne()
    {
        NanoApi api = NewApi();
        string[] ids = [.. Tests.GetTypes().Where(type => type.Namespace == Vocabulary).SelectMany(StandInTests.IdsOf)];

        Assert.IsGreaterThan(12, ids.Length);
        Assert.IsEmpty(ids.Where(id => !api.Has(id)).ToArray(), string.Join(Environment.NewLine, ids.Where(id => !api.Has(id))));
    }

    [TestMethod]
    public void TestClasses_KeepNothingBetweenTests()
    {
        // The launcher on a board calls test methods without an object: a field would be somebody else's memory.
        string[] fields =
        [
            .. TestClasses().SelectMany(type => type.GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
                .Where(field => !field.IsLiteral && !field.IsInitOnly).Select(field => $"{type.Name}.{field.Name}")),
            .. TestClasses().SelectMany(type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public).Select(field => $"{type.Name}.{field.Name}")),
        ];
        string[] helpers =
        [
            .. TestClasses().SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(method => method.GetCustomAttribute<TestMethodAttribute>() is null).Select(method => $"{type.Name}.{method.Name}")),
        ];

        Assert.IsGreaterThan(15, TestClasses().Count());
        Assert.IsEmpty(fields, string.Join(' ', fields));
        Assert.IsEmpty(helpers, $"methods that are not static: {string.Join(' ', helpers)}");
    }

    [TestMethod]
    public void DeviceBuild_HasTheNameThatTheLauncherLooksFor_AndThePackages()
    {
        XDocument project = XDocument.Load(Path.Combine(RepositoryRoot.Path, "tests", "DeviceMqtt.Device.Tests", "DeviceMqtt.Device.Tests.csproj"));
        string[] packages = [.. project.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value)];

        Assert.AreEqual("NFUnitTest", project.Descendants("AssemblyName").Single().Value);
        CollectionAssert.IsSubsetOf(new[] { "nanoFramework.TestFramework", "nanoFramework.System.Collections", "nanoFramework.System.Text", "nanoFramework.M2Mqtt" }, packages);
    }

    internal static IlReport Check(NanoApi api) =>
        new IlChecker(api, typeof(P2PTopic).Assembly.GetName().Name!, typeof(DeviceLoop).Assembly.GetName().Name!, Tests.GetName().Name!)
            .Check(Tests.Location, name => name.StartsWith("DeviceMqtt.Device.Tests.", StringComparison.Ordinal));

    private static IEnumerable<Type> TestClasses() => Tests.GetTypes().Where(type => type.GetCustomAttribute<TestClassAttribute>() is not null);

    private static NanoApi NewApi()
    {
        string? folder = NanoApi.FindFolder();
        if (folder is null)
        {
            Assert.Inconclusive($"The lists of nanoFramework's members are not there: set {NanoApi.FolderVariable} to their folder (nano-api).");
        }

        return new NanoApi(folder, forAdapters: true);
    }
}
