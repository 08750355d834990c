using System.Xml.Linq;
using DeviceMqtt.Device.Esp32;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>The adapters and the stand-ins they compile against on a PC, held against what nanoFramework has.</summary>
[TestClass]
public sealed class AdapterCheckTests
{
    // A list is named after its assembly; most packages are named after it as well, with nanoFramework in front.
    private static readonly Dictionary<string, string> PackageOfList = new(StringComparer.Ordinal)
    {
        ["mscorlib"] = "nanoFramework.CoreLibrary",
        ["nanoFramework.M2Mqtt.Core"] = "nanoFramework.M2Mqtt",
    };

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Adapters_CompiledForThePc_UseNothingABoardDoesNotHave()
    {
        IlReport report = Check();

        TestContext.WriteLine(report.Extent);
        Assert.IsGreaterThan(100, report.Methods, "methods read");
        Assert.IsGreaterThan(1500, report.Instructions, "instructions read");
        Assert.IsGreaterThan(40, report.ExternalMembers.Count, "members looked up");
        Assert.Contains("System.Device.I2c.I2cDevice.WriteRead(System.SpanByte,System.SpanByte)~System.Device.I2c.I2cTransferResult", report.ExternalMembers);
        Assert.Contains("nanoFramework.Hardware.Esp32.Sleep.StartDeepSleep~System.Void", report.ExternalMembers);
        Assert.IsEmpty(report.Offences, report.ToString());
    }

    [TestMethod]
    public void StandIns_PublicMembers_AreAllMembersOfTheRealPackages()
    {
        NanoApi api = NewApi();
        string[] ids = [.. typeof(System.Device.Gpio.GpioController).Assembly.GetExportedTypes().SelectMany(StandInTests.IdsOf)];
        string[] invented = [.. ids.Where(id => !api.Has(id))];

        Assert.IsGreaterThan(80, ids.Length);
        Assert.IsEmpty(invented, string.Join(Environment.NewLine, invented));
    }

    [TestMethod]
    [DataRow("DeviceMqtt.Wire")]
    [DataRow("DeviceMqtt.Device")]
    [DataRow("DeviceMqtt.Device.Esp32")]
    public void DeviceProject_ReferencesThePackageOfEveryTypeItUses(string project)
    {
        NanoApi api = NewApi();
        string assembly = Path.Combine(AppContext.BaseDirectory, project + ".dll");
        IlReport report = new IlChecker(api, "DeviceMqtt.Wire", "DeviceMqtt.Device", "DeviceMqtt.Device.Esp32").Check(assembly);
        string firmware = Path.Combine(RepositoryRoot.Path, "firmware");
        HashSet<string> referenced =
        [
            .. new[] { Path.Combine(firmware, "NanoFramework.props"), Path.Combine(firmware, project, project + ".csproj") }
                .SelectMany(file => XDocument.Load(file).Descendants("PackageReference"))
                .Select(reference => reference.Attribute("Include")!.Value),
        ];

        string[] missing = [.. report.ExternalTypes.Where(api.HasType).Select(api.ListOf).Select(PackageOf).Distinct().Where(package => !referenced.Contains(package)).Order(StringComparer.Ordinal)];

        Assert.IsEmpty(missing, string.Join(' ', missing));
    }

    private static string PackageOf(string list) =>
        PackageOfList.TryGetValue(list, out string? package) ? package
        : list.StartsWith("nanoFramework.", StringComparison.Ordinal) ? list
        : "nanoFramework." + list;

    private static IlReport Check() =>
        new IlChecker(NewApi(), typeof(P2PTopic).Assembly.GetName().Name!, typeof(DeviceLoop).Assembly.GetName().Name!, typeof(AllBoards).Assembly.GetName().Name!)
            .Check(typeof(AllBoards).Assembly.Location);

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
