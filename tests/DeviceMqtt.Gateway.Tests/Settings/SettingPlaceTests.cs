using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>A wrong setting is said with the place that it is from; and what could not start is wrong before it is started.</summary>
[TestClass]
[DoNotParallelize] // the environment belongs to the whole process
internal sealed class SettingPlaceTests : IDisposable
{
    private const string Variable = "DEVICEMQTT__Limits__PacketBytesMax";
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-place").FullName;

    private string FilePath => Path.Combine(_folder, "gateway.json");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    public void WrongOnTheCommandLine_IsNotBlamedOnTheFile()
    {
        const string json = """{ "Listen": ["127.0.0.1:1883"], "Limits": { "PacketBytesMax": 100000 } }""";

        StringAssert.StartsWith(Wrong(json, ["1883"]), "command line: Listen is '1883'", StringComparison.Ordinal);
        StringAssert.StartsWith(Wrong(json, [], ("Limits:PacketBytesMax", "1")), "command line: Limits:PacketBytesMax is 1", StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, "1");
        StringAssert.StartsWith(Wrong(json, []), "environment: Limits:PacketBytesMax is 1", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("{\n  \"Listen\": [\"1883\"]\n}", "line 2: Listen is '1883'")]
    [DataRow("{\n\"Limts\": {}\n}", "line 2: Limts is not a setting")]
    [DataRow("{\n  \"Limits\": { \"Foo\": {} }\n}", "line 2: Limits:Foo is not a setting")]
    [DataRow("[]", "line 1, is no settings file")]
    [DataRow("{\n\"Data\": \"a\",\n\"data\": \"b\"\n}", "line 3: the setting 'data' stands there a second time")]
    public void WrongInTheFile_HasItsLine(string json, string expected) => StringAssert.Contains(Wrong(json, []), expected, StringComparison.OrdinalIgnoreCase);

    [TestMethod]
    [DataRow("""{ "Listen": ["127.0.0.1:1883", "127.0.0.1:1883"] }""", "Listen:1 has the address 127.0.0.1:1883, which Listen:0 has, too")]
    [DataRow("""{ "Listen": ["127.0.0.1:1883"], "Http": "127.0.0.1:1883" }""", "Http has the address 127.0.0.1:1883, which Listen:0 has, too")]
    public void OneAddressTwice_IsRefused(string json, string expected) => StringAssert.Contains(Wrong(json, []), expected, StringComparison.Ordinal);

    [TestMethod]
    public void AnyPortTwice_IsTaken()
    {
        File.WriteAllText(FilePath, """{ "Listen": ["127.0.0.1:0", "127.0.0.1:0"], "Http": "127.0.0.1:0" }""");

        Assert.HasCount(2, ConfigCheck.Read(FilePath, [], new Dictionary<string, string?>(StringComparer.Ordinal)).Listen);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void DataFolder_BelowAFolderOfRoot_CannotBeMadeByTheService()
    {
#pragma warning disable CA1416 // not on Windows, as the condition says
        Assert.IsNull(ConfigCheckCommand.WhyNotMade(_folder));
        StringAssert.Contains(ConfigCheckCommand.WhyNotMade(Path.Combine(_folder, "ssd", "data")), $"cannot make it in '{_folder}'", StringComparison.Ordinal);
        File.SetUnixFileMode(_folder, File.GetUnixFileMode(_folder) | UnixFileMode.OtherWrite);
        Assert.IsNull(ConfigCheckCommand.WhyNotMade(Path.Combine(_folder, "data")));
#pragma warning restore CA1416
    }

    // A role that stands in the settings is one for the command line as it is for the API.
    [TestMethod]
    public void WrongRole_OneOfTheSettings_IsNone()
    {
        File.WriteAllText(FilePath, """{ "Security": { "Rights": { "home": { "Subscribe": ["ha/#"] } } } }""");

        Assert.IsNull(UserCommand.WrongRole(_folder, config: null, "home"));
        Assert.IsNull(UserCommand.WrongRole(_folder, config: null, "operator"));
        StringAssert.Contains(UserCommand.WrongRole(_folder, config: null, "king"), "monitor, home", StringComparison.Ordinal);
        File.Delete(FilePath);
        StringAssert.Contains(UserCommand.WrongRole(_folder, config: null, "home"), "there is no role 'home'", StringComparison.Ordinal);
    }

    private string Wrong(string json, IReadOnlyList<string> listen, params (string Key, string? Value)[] overrides)
    {
        File.WriteAllText(FilePath, json);
        return Assert.ThrowsExactly<SettingException>(() => ConfigCheck.Read(FilePath, listen, overrides.ToDictionary(static o => o.Key, static o => o.Value, StringComparer.OrdinalIgnoreCase))).Message;
    }
}
