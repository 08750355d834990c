using System.Text.Json;
using System.Text.Json.Nodes;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>What <c>config</c> says of the settings is what the gateway reads.</summary>
[TestClass]
public sealed class SettingsReferenceTests
{
    private static readonly SettingsReference Reference = new(AppContext.BaseDirectory);

    [TestMethod]
    public void EachSetting_HasWords()
    {
        string[] silent = [.. Reference.Entries.Where(static entry => entry.Summary.Length == 0).Select(static entry => entry.Key)];
        Assert.IsEmpty(silent, $"without a docstring: {string.Join(", ", silent)}");
    }

    [TestMethod]
    [DataRow("Limits:ConnectionsMax", "Limits:ConnectionsMax")]
    [DataRow("limits:connectionsmax", "Limits:ConnectionsMax")]
    [DataRow("Relays:7:Name", "Relays:0:Name")]
    [DataRow("Security:Users:kitchen", "Security:Users:NAME")]
    [DataRow("Listen:3", "Listen:0")]
    public void Find_Known_IsThere(string key, string expected) => Assert.AreEqual(expected, Reference.Find(key)?.Key);

    [TestMethod]
    [DataRow("Limits")]
    [DataRow("Limits:Nothing")]
    [DataRow("Relays:x:Name")]
    [DataRow("")]
    public void Find_Unknown_IsNull(string key) => Assert.IsNull(Reference.Find(key));

    [TestMethod]
    public void Template_AsItIs_SetsNothing() => AssertSame(new GatewayOptions(), Read(SettingsTemplate.Write(Reference, new Dictionary<string, string>())));

    // Each value, taken out of its comment, is one that the gateway takes for that setting, and it is the default.
    [TestMethod]
    public void Template_EachLineTakenIn_IsTheDefault()
    {
        string template = SettingsTemplate.Write(Reference, new Dictionary<string, string>());
        string[] lines = template.Split('\n');
        int tried = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            int off = lines[i].IndexOf("//\"", StringComparison.Ordinal);
            // The value of this one is made from the machine's name.
            if (off < 0 || lines[i].TrimEnd().EndsWith('[') || lines[i].Contains("MACHINE", StringComparison.Ordinal))
                continue;
            string[] changed = [.. lines];
            changed[i] = lines[i].Remove(off, 2);
            AssertSame(new GatewayOptions(), Read(string.Join('\n', changed)), lines[i]);
            tried++;
        }

        Assert.IsGreaterThan(80, tried);
    }

    [TestMethod]
    public void Template_WithAValue_HasIt()
    {
        string template = SettingsTemplate.Write(Reference, new Dictionary<string, string> { ["Data"] = "/var/lib/x", ["Limits:SessionsMax"] = "77" });
        GatewayOptions options = Read(template);
        Assert.AreEqual(("/var/lib/x", 77), (options.Data, options.Limits.SessionsMax));
    }

    [TestMethod]
    public void Sources_LaterPlace_Wins()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("devicemqtt-test-").FullName, "a.json");
        try
        {
            File.WriteAllText(file, """{ "Limits": { "SessionsMax": 5, "ConnectionsMax": 6 } }""");
            IReadOnlyList<SettingSource> sources = SettingsReader.Read(file, ["127.0.0.1:1"], new Dictionary<string, string?> { ["Limits:SessionsMax"] = "9" }).Sources;
            CollectionAssert.IsSubsetOf(new[] { new SettingSource("Limits:ConnectionsMax", "6", file), new SettingSource("Limits:SessionsMax", "9", "command line"), new SettingSource("Listen:0", "127.0.0.1:1", "command line") }, sources.ToArray());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [TestMethod]
    public void Assignment_WithoutValue_IsRefused() => Assert.ThrowsExactly<SettingException>(() => SettingsReader.ReadAssignments(["Limits"]));

    private static GatewayOptions Read(string text)
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-test-").FullName;
        try
        {
            string file = Path.Combine(folder, "gateway.json");
            File.WriteAllText(file, text);
            return SettingsReader.Read(file, [], new Dictionary<string, string?>());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The folder that is given where none is set is of the machine.
    private static void AssertSame(GatewayOptions expected, GatewayOptions actual, string line = "")
    {
        JsonNode one = JsonSerializer.SerializeToNode(expected)!;
        JsonNode other = JsonSerializer.SerializeToNode(actual)!;
        one["Data"] = other["Data"] = one["KeepsData"] = other["KeepsData"] = null;
        Assert.AreEqual(one.ToJsonString(), other.ToJsonString(), line);
    }
}
