using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>Settings come from a file, the environment and the command line, the later before the earlier; a wrong one is named.</summary>
[TestClass]
[DoNotParallelize] // the environment belongs to the whole process
internal sealed class SettingsReaderTests
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"devicemqtt-{Guid.NewGuid():N}.json");
    private readonly List<string> _variables = [];

    [TestCleanup]
    public void CleanUp()
    {
        File.Delete(_file);
        foreach (string variable in _variables)
            Environment.SetEnvironmentVariable(variable, null);
    }

    private string Json(string json)
    {
        File.WriteAllText(_file, json);
        return _file;
    }

    private void SetVariable(string key, string value)
    {
        string variable = GatewayOptions.EnvironmentPrefix + key;
        _variables.Add(variable);
        Environment.SetEnvironmentVariable(variable, value);
    }

    private static GatewayOptions Read(string? file = null, params (string Key, string? Value)[] overrides) =>
        SettingsReader.Read(file, [], overrides.ToDictionary(o => o.Key, o => o.Value));

    [TestMethod]
    public void Setting_OfCertainWords_NamesThem() =>
        Assert.AreEqual("Relay:Rules:0:Class cannot be 'Urgent': it must be one of High, Normal, Low", Wrong(null, ("Relay:Rules:0:Class", "Urgent")));

    // A reload of a file of 20 MB ended a gateway with little memory.
    [TestMethod]
    public void File_LongerThanAnyIs_IsNotRead() =>
        StringAssert.Contains(Wrong(Json($"{{\"Data\":\"{new string('x', SettingsFile.BytesMax)}\"}}")), "no settings file has more than 1048576", StringComparison.Ordinal);

    /// <summary>The process ended with the stack of an exception.</summary>
    [TestMethod]
    public void Assignments_OfOneSettingInAnyCase_TheLaterCounts()
    {
        Dictionary<string, string?> values = SettingsReader.ReadAssignments(["sys:intervalseconds=5", "Sys:IntervalSeconds=6", "http=127.0.0.1:1"]);
        values[nameof(GatewayOptions.Http)] = "off"; // as an option of its own does
        GatewayOptions options = SettingsReader.Read(null, [], values);
        Assert.AreEqual(6, options.Sys.IntervalSeconds);
        Assert.AreEqual("off", options.Http);
    }

    private static string Wrong(string? file = null, params (string Key, string? Value)[] overrides)
    {
        string message = Assert.ThrowsExactly<SettingException>(() => Read(file, overrides)).Message;
        Assert.DoesNotContain("\n", message, StringComparison.Ordinal);
        return message;
    }

    // Without a file, without the environment, and with texts alone, the framework's configuration is not made: nobody may see a difference.
    [TestMethod]
    public void Settings_TextsOfTheCommandLine_AreThoseOfTheConfiguration()
    {
        (string, string?)[] texts = [("Http", "off"), ("Data", "/tmp/there"), ("Upstream", "mqtt://there:1883")];
        GatewayOptions plain = Read(null, texts);
        GatewayOptions configured = Read(null, [.. texts, ("Limits:ConnectionsMax", new GatewayLimits().ConnectionsMax.ToString(System.Globalization.CultureInfo.InvariantCulture))]);

        CollectionAssert.AreEquivalent(SettingValues.Of(configured).ToList(), SettingValues.Of(plain).ToList());
        CollectionAssert.AreEqual(configured.Sources.Where(static source => source.Key != "Limits:ConnectionsMax").ToList(), plain.Sources.ToList());
        Assert.AreEqual("off", plain.Http);
    }

    [TestMethod]
    public void Environment_WithTextsOfTheCommandLine_CountsWhereTheySayNothing()
    {
        SetVariable("Upstream", "mqtt://there:1883");
        GatewayOptions options = Read(null, ("Http", "off"));

        Assert.AreEqual(("off", "mqtt://there:1883"), (options.Http, options.Upstream));
    }

    [TestMethod]
    public void Settings_NoneGiven_Defaults()
    {
        GatewayOptions options = Read();
        Assert.IsEmpty(options.Listen);
        Assert.AreEqual("127.0.0.1:8080", options.Http);
        Assert.EndsWith("DeviceMqtt", options.Data, StringComparison.Ordinal);
        Assert.AreEqual(new GatewayLimits().PacketBytesMax, options.Limits.PacketBytesMax);
        Assert.IsFalse(options.Security.AllowAnonymous);
    }

    [TestMethod]
    public void Settings_FileEnvironmentCommandLine_LaterWin()
    {
        string file = Json("""{ "Http": "off", "Upstream": "file", "Limits": { "InflightMax": 1, "ConnectionsMax": 1, "SessionsMax": 1 } }""");
        SetVariable("Upstream", "environment");
        SetVariable("Limits__ConnectionsMax", "2");
        SetVariable("Limits__SessionsMax", "2");
        GatewayOptions options = Read(file, ("Limits:SessionsMax", "3"));
        Assert.AreEqual("off", options.Http);
        Assert.AreEqual("environment", options.Upstream);
        Assert.AreEqual((1, 2, 3), (options.Limits.InflightMax, options.Limits.ConnectionsMax, options.Limits.SessionsMax));
    }

    [TestMethod]
    public void Settings_ListenOnTheCommandLine_ReplacesTheFile()
    {
        string file = Json("""{ "Listen": [ "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3" ] }""");
        CollectionAssert.AreEqual(new[] { "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3" }, Read(file).Listen);
        CollectionAssert.AreEqual(new[] { "127.0.0.1:9", "127.0.0.1:8" }, SettingsReader.Read(file, ["127.0.0.1:9", "127.0.0.1:8"], new Dictionary<string, string?>()).Listen);
    }

    [TestMethod]
    public void Settings_Users_ReadByName()
    {
        SetVariable("Security__Users__ops", "secret");
        GatewayOptions options = Read(Json("""{ "Security": { "AllowAnonymous": true, "Users": { "Ops-2": "other" } } }"""));
        Assert.IsTrue(options.Security.AllowAnonymous);
        Assert.AreEqual("secret", options.Security.Users["ops"]);
        Assert.AreEqual("other", options.Security.Users["Ops-2"]);
    }

    [TestMethod]
    public void Settings_LogLevel_ByName() => Assert.AreEqual(LogLevel.Debug, Read(null, ("Log:Level", "debug")).Log.Level);

    [TestMethod]
    [DataRow("Limits:InflightMax", "many")]
    [DataRow("Limits:InflightMax", "1.5")]
    [DataRow("Limits:QueueBytesMax", "99999999999")]
    [DataRow("Security:AllowAnonymous", "perhaps")]
    [DataRow("Log:Level", "Loud")]
    public void Setting_WrongValue_NamedWithIt(string key, string value)
    {
        string message = Wrong(null, (key, value));
        Assert.Contains(key, message, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("Limits:InflightMax", "a number")]
    [DataRow("Sys:IntervalSeconds", "a number")]
    [DataRow("Relay:KeepAliveSeconds", "a number")]
    [DataRow("Policies:0:InflightMax", "a number")]
    [DataRow("Security:AllowAnonymous", "true or false")]
    [DataRow("Log:Level", "one of Trace, Debug")]
    public void Setting_Empty_NamedWithWhatItMustBe(string key, string kind) =>
        Assert.StartsWith($"{key} is empty; it must be {kind}", Wrong(null, (key, "")), StringComparison.Ordinal);

    [TestMethod]
    public void Setting_EmptyText_IsAText() => Assert.AreEqual("", Read(null, ("Upstream", "")).Upstream);

    [TestMethod]
    [DataRow("Security")]
    [DataRow("Security:Users")]
    [DataRow("Policies")]
    [DataRow("Policies:0")]
    [DataRow("Limits")]
    public void Setting_ValueForASection_Named(string key) =>
        Assert.StartsWith($"{key} cannot be '3': it is a section", Wrong(null, (key, "3")), StringComparison.Ordinal);

    [TestMethod]
    public void Settings_EmptySectionsOfAFile_AreNone() => Assert.IsEmpty(Read(Json("""{ "Listen": [], "Policies": [], "Limits": {} }""")).Policies);

    [TestMethod]
    [DataRow("Nothing", "Nothing")]
    [DataRow("Limits:InFlightMaximum", "Limits:InFlightMaximum")]
    [DataRow("Limits:Inflight:Max", "Limits:Inflight")]
    [DataRow("Securty:AllowAnonymous", "Securty")]
    public void Setting_Unknown_Named(string key, string named) => Assert.AreEqual($"{named} is not a setting", Wrong(null, (key, "1")));

    [TestMethod]
    public void Setting_UnknownInFileOrEnvironment_Named()
    {
        Assert.Contains("Lisen", Wrong(Json("""{ "Lisen": "127.0.0.1:1883" }""")), StringComparison.Ordinal);
        SetVariable("Limits__Conections", "5");
        Assert.Contains("Limits:Conections", Wrong(), StringComparison.OrdinalIgnoreCase);
    }

    [TestMethod]
    public void Config_NoSuchFile_Named()
    {
        Assert.Contains("no-such-file.json", Wrong(Path.Combine(Path.GetTempPath(), "no-such-file.json")), StringComparison.Ordinal);
        Assert.Contains("no-such-folder", Wrong(Path.Combine(Path.GetTempPath(), "no-such-folder", "x.json")), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("{ not json")]
    [DataRow("[1, 2]")]
    [DataRow("")]
    public void Config_NoJson_Named(string text) => Assert.Contains(Path.GetFileName(_file), Wrong(Json(text)), StringComparison.Ordinal);

    [TestMethod]
    public void Config_IsAFolder_Named() => Assert.Contains(Path.GetTempPath().TrimEnd('/'), Wrong(Path.GetTempPath()), StringComparison.Ordinal);

    [TestMethod]
    public async Task Limit_Impossible_GatewayNotMade()
    {
        GatewayOptions options = Read(null, ("Limits:ConnectionsMax", "0"), ("Http", "off"));
        SettingException exception = await Assert.ThrowsExactlyAsync<SettingException>(async () => await GatewayHost.Create(options).DisposeAsync());
        Assert.Contains("Limits:ConnectionsMax is 0", exception.Message, StringComparison.Ordinal);
    }
}
