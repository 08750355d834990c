using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>What a command writes into the settings file: nothing else changes, comments stay.</summary>
[TestClass]
internal sealed class SettingsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-settings").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The service of the package has its settings elsewhere: what a command wrote into the data folder, nobody read.
    [TestMethod]
    public void File_OfTheService_CountsForItsDataFolderAlone()
    {
        string service = Path.Combine(_folder, "service.json");
        File.WriteAllText(service, "{}");
        string data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        string other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        Dictionary<string, string?> variables = new(StringComparer.Ordinal) { [SettingsFile.Variable] = service, ["DEVICEMQTT__Data"] = data };

        Assert.AreEqual(service, SettingsFile.FindIn(data, variables.GetValueOrDefault));
        Assert.IsNull(SettingsFile.FindIn(other, variables.GetValueOrDefault));
        File.WriteAllText(Path.Combine(other, SettingsFile.Name), "{}");
        Assert.AreEqual(Path.Combine(other, SettingsFile.Name), SettingsFile.FindIn(other, variables.GetValueOrDefault));
        File.Delete(service);
        Assert.IsNull(SettingsFile.FindIn(data, variables.GetValueOrDefault));
    }

    // With the data on an SSD the commands of the package looked into /var/lib/devicemqtt all the same; and where somebody's settings named no data
    // folder, the service had its data in its home, while the commands did not.
    [TestMethod]
    [DataRow("{ // ours\n \"data\": \"/mnt/ssd/devicemqtt\", }", "/mnt/ssd/devicemqtt")]
    [DataRow("{ \"Upstream\": \"mqtt://broker.example.org:1883\" }", "/var/lib/devicemqtt")]
    [DataRow("{ \"Data\": \"\" }", "/var/lib/devicemqtt")]
    [DataRow("[ no settings", "/var/lib/devicemqtt")]
    [DataRow("[]", "/var/lib/devicemqtt")]
    public void Data_OfTheService_AreWhereItsSettingsSayAndElseWhereSystemdHasThem(string text, string expected)
    {
        string service = Path.Combine(_folder, "service.json");
        File.WriteAllText(service, text);
        Dictionary<string, string?> variables = new(StringComparer.Ordinal) { [SettingsFile.Variable] = service, ["STATE_DIRECTORY"] = "/var/lib/devicemqtt:/var/lib/other" };

        Assert.AreEqual(expected, SettingsFile.DataOfService(variables.GetValueOrDefault));
        Assert.AreEqual(service, SettingsFile.FindIn(expected, variables.GetValueOrDefault));
        Assert.AreEqual("/set", SettingsFile.DataOfService(new Dictionary<string, string?>(variables, StringComparer.Ordinal) { ["DEVICEMQTT__Data"] = "/set" }.GetValueOrDefault));
    }

    [TestMethod]
    public void Data_WithoutAService_AreNowhere()
    {
        Assert.IsNull(SettingsFile.DataOfService(static _ => null));
        Assert.IsNull(SettingsFile.DataOfService(static name => name == "STATE_DIRECTORY" ? "relative" : null));
    }

    [TestMethod]
    [DataRow(null, DisplayName = "no file")]
    [DataRow("{}")]
    [DataRow("{ \"Http\": \"off\" }")]
    [DataRow("// settings\n{\n  // \"Listen\": [],\n  \"Http\": \"off\", /* no */\n}\n")]
    [DataRow("{ \"Http\": \"off\", \"listen\": [\"127.0.0.1:1884\", // ours\n \"[::1]:1884\"], \"Log\": { \"Level\": \"Debug\" }, }")]
    [DataRow("{ \"Relays\": [ { \"Name\": \"a\", \"Addresses\": [\"mqtt://b:1883\"] } ] }")]
    public void Listen_AddressAdded_TheRestIsAsItWas(string? text)
    {
        string path = Path.Combine(_folder, SettingsFile.Name);
        if (text is not null)
            File.WriteAllText(path, text);
        GatewayOptions before = Read(text is null ? null : path);
        string[] listening = before.Listen.Count > 0 ? [.. before.Listen] : ["127.0.0.1:1883"];

        SettingsFile.AddListen(path, listening, "mqtts://*:8883");

        GatewayOptions after = Read(path);
        CollectionAssert.AreEqual((string[])[.. listening, "mqtts://*:8883"], after.Listen);
        Assert.AreEqual(before.Http, after.Http);
        Assert.AreEqual(before.Log.Level, after.Log.Level);
        Assert.HasCount(before.Relays.Count, after.Relays);
        foreach (string comment in (string[])["// settings", "// \"Listen\": []", "/* no */"])
            if (text is not null && text.Contains(comment, StringComparison.Ordinal))
                Assert.Contains(comment, File.ReadAllText(path), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("{ \"Http\": ")]
    public void File_ThatIsNone_NamedAndNotWrittenOver(string text)
    {
        string path = Path.Combine(_folder, SettingsFile.Name);
        File.WriteAllText(path, text);
        Assert.Contains(path, Assert.ThrowsExactly<SettingException>(() => SettingsFile.AddListen(path, [], "mqtts://*:8883")).Message, StringComparison.Ordinal);
        Assert.AreEqual(text, File.ReadAllText(path));
    }

    private static GatewayOptions Read(string? path) => SettingsReader.Read(path, [], new Dictionary<string, string?>());
}
