using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>What differs between two sets of settings, what of it counts without a restart, and what of it may be shown.</summary>
[TestClass]
internal sealed class SettingChangeTests
{
    [TestMethod]
    public void Between_SameSettings_Nothing() =>
        Assert.IsEmpty(SettingChange.Between(SettingValues.Of(new GatewayOptions()), SettingValues.Of(new GatewayOptions())));

    [TestMethod]
    public void Between_OtherSettings_EachNamedSecretsWithoutTheirValue()
    {
        GatewayOptions next = new() { Http = "off", Upstream = "mqtt://u:pass@host" };
        next.Security.Users["maria"] = "s3cret";
        next.Limits.InflightMax = 7;
        string[] said = [.. SettingChange.Between(SettingValues.Of(new GatewayOptions()), SettingValues.Of(next)).Select(static c => $"{c.IsLive} {c}")];
        Assert.AreSequenceEqual(
            ["False Http is off, it was 127.0.0.1:8080", "True Limits:InflightMax is 7, it was 1000", "True Security:Users:maria (new)", "False Upstream (another one)"], said);
    }

    // The page of the settings hid the password in that address, and the log of a reload had it.
    [TestMethod]
    [DataRow(null, "http://user:pass@host:4318", "Otlp:Endpoint is http://•••@host:4318")]
    [DataRow("http://user:pass@host:4318", null, "Otlp:Endpoint is gone, it was http://•••@host:4318")]
    [DataRow("http://user:pass@host:4318", "http://user:pass2@host:4318", "Otlp:Endpoint (http://•••@host:4318, another secret in it)")]
    public void ToString_PasswordInAnAddress_NotShown(string? before, string? after, string said) => Assert.AreEqual(said, new SettingChange("Otlp:Endpoint", before, after).ToString());

    [TestMethod]
    public void LimitNames_Each_IsALimitThatThereIs()
    {
        string[] all = [.. new GatewayLimits().Bounds().Select(static b => b.Name)];
        foreach (string name in LiveSettings.LimitNames)
            Assert.Contains(name, all);
    }

    [TestMethod]
    [DataRow("Security:Users:maria", true)]
    [DataRow("Security:TrustedProxies:0", false)]
    [DataRow("Relay:Rules:0:Filter", true)]
    [DataRow("Relay:ClientId", false)]
    [DataRow("Relays:0:Out:1", true)]
    [DataRow("Relays:0:Name", false)]
    [DataRow("Tls:RevokedSerials:0", true)]
    [DataRow("Tls:CertificateFile", false)]
    [DataRow("Log:Level", true)]
    [DataRow("Trace:BytesMax", true)]
    [DataRow("Trace:KeptBytesMax", false)]
    [DataRow("Limits:JournalBytesMax", false)]
    [DataRow("Listen:0", false)]
    public void IsLive_Setting_AsTheDocumentSays(string key, bool isLive) => Assert.AreEqual(isLive, LiveSettings.IsLive(key));
}
