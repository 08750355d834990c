using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace DeviceMqtt.EndToEnd.Tests.Tree;

/// <summary>References point one way: what a project may know of ours is written here, and nowhere else.</summary>
[TestClass]
public sealed class TidyReferenceTests
{
    private static readonly Dictionary<string, string[]> MayReference = new(StringComparer.Ordinal)
    {
        ["DeviceMqtt.Protocol"] = [],
        ["DeviceMqtt.Journal"] = [],
        // The floors of gateway/docs/architecture.md.
        ["DeviceMqtt.Broker"] = ["DeviceMqtt.Protocol", "DeviceMqtt.Wire"],
        ["DeviceMqtt.Custody"] = ["DeviceMqtt.Broker", "DeviceMqtt.Journal", "DeviceMqtt.Protocol"],
        ["DeviceMqtt.Relay"] = ["DeviceMqtt.Broker", "DeviceMqtt.Protocol", "DeviceMqtt.Wire"],
        // For programs, so that it knows nothing of the broker.
        ["DeviceMqtt.Client"] = ["DeviceMqtt.Wire"],
        ["DeviceMqtt.Gateway"] = ["DeviceMqtt.Client", "DeviceMqtt.Protocol", "DeviceMqtt.Journal", "DeviceMqtt.Wire", "DeviceMqtt.Broker", "DeviceMqtt.Custody", "DeviceMqtt.Relay"],
        ["BrokerInFortyLines"] = ["DeviceMqtt.Broker", "DeviceMqtt.Protocol"],
        ["BrokerWithRules"] = ["DeviceMqtt.Broker", "DeviceMqtt.Protocol"],
        ["SwitchFromYourProgram"] = ["DeviceMqtt.Client", "DeviceMqtt.Wire"],
        ["DeviceMqtt.Wire"] = [],
        // The interface of nanoFramework.M2Mqtt as it is on a board, and its implementation on a PC.
        ["DeviceMqtt.M2Mqtt.Core"] = [],
        ["DeviceMqtt.M2Mqtt"] = ["DeviceMqtt.M2Mqtt.Core", "DeviceMqtt.Protocol"],
        ["DeviceMqtt.Device"] = ["DeviceMqtt.Wire", "DeviceMqtt.M2Mqtt.Core"],
        // The members of nanoFramework's hardware libraries, on a PC.
        ["DeviceMqtt.NanoFramework"] = [],
        ["DeviceMqtt.Device.Esp32"] =
            ["DeviceMqtt.Device", "DeviceMqtt.Wire", "DeviceMqtt.M2Mqtt.Core", "DeviceMqtt.M2Mqtt", "DeviceMqtt.NanoFramework"],
        // Draws the wiring of boards.
        ["DeviceMqtt.Wiring"] = [],
        // Puts the whole path together on a PC, so it may know both ends.
        ["DeviceMqtt.Simulator"] =
            ["DeviceMqtt.Device", "DeviceMqtt.Wire", "DeviceMqtt.M2Mqtt.Core", "DeviceMqtt.M2Mqtt", "DeviceMqtt.Protocol", "DeviceMqtt.Gateway", "DeviceMqtt.Broker", "DeviceMqtt.Relay"],
    };

    public static IEnumerable<object[]> Projects() =>
        ProductProjects().Select(path => new object[] { path });

    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void ProjectFile_ReferencesOnlyWhatItMay(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        Assert.IsTrue(MayReference.ContainsKey(name), $"{name} is new: say in MayReference what it may reference");

        IEnumerable<string> references = Repository.ReadXml(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Findings.AreNone(references.Except(MayReference[name], StringComparer.Ordinal), $"references of {project} against the direction");
    }

    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void Assembly_UsesOnlyWhatItMay(string project)
    {
        // A reference of a reference is handed down by the build: only the compiled assembly shows what is really used.
        string name = Path.GetFileNameWithoutExtension(project);
        string path = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        if (!File.Exists(path))
        {
            Assert.Inconclusive($"{name}.dll is not among what this test references: nothing here uses it");
        }

        using PEReader reader = new(File.OpenRead(path));
        MetadataReader metadata = reader.GetMetadataReader();
        IEnumerable<string> ours = metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(reference => MayReference.ContainsKey(reference));

        Findings.AreNone(ours.Except(MayReference[name], StringComparer.Ordinal), $"assemblies used by {name} against the direction");
    }

    [TestMethod]
    public void MayReference_HasNoCycle()
    {
        foreach (string project in MayReference.Keys)
        {
            Assert.DoesNotContain(project, Reachable(project), $"{project} reaches itself");
        }
    }

    [TestMethod]
    public void GatewayFolder_KnowsOnlyWireOfTheFirmware()
    {
        IEnumerable<string> firmware = ProductProjects()
            .Where(path => path.StartsWith("gateway/", StringComparison.Ordinal))
            .SelectMany(path => Repository.ReadXml(path).Descendants("ProjectReference"))
            .Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/'))
            .Where(path => path.Contains("/firmware/", StringComparison.Ordinal));

        Findings.AreNone(firmware.Where(path => !path.EndsWith("/DeviceMqtt.Wire.csproj", StringComparison.Ordinal)), "firmware known to the gateway");
    }

    private static IEnumerable<string> ProductProjects() =>
        Repository.Files(".csproj").Where(path => !path.StartsWith("tests/", StringComparison.Ordinal));

    private static HashSet<string> Reachable(string project)
    {
        HashSet<string> reached = new(StringComparer.Ordinal);
        Stack<string> open = new(MayReference[project]);
        while (open.TryPop(out string? next))
        {
            if (reached.Add(next))
            {
                foreach (string further in MayReference[next])
                {
                    open.Push(further);
                }
            }
        }

        return reached;
    }
}
