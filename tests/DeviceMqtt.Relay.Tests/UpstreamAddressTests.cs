using DeviceMqtt.Broker.Words;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>The setting <c>Upstream</c>: what it may say, and that a wrong one never shows its password.</summary>
[TestClass]
public sealed class UpstreamAddressTests
{
    [TestMethod]
    [DataRow("mqtt://broker", "broker", 1883, false)]
    [DataRow("mqtt://broker/", "broker", 1883, false)]
    [DataRow("mqtts://broker", "broker", 8883, true)]
    [DataRow("mqtt://broker:1884", "broker", 1884, false)]
    [DataRow("mqtts://10.0.0.7:443", "10.0.0.7", 443, true)]
    [DataRow("mqtt://[::1]:1884", "::1", 1884, false)]
    [DataRow("MQTT://Broker", "broker", 1883, false)]
    public void Address_HostAndPort_Read(string text, string host, int port, bool isTls)
    {
        UpstreamAddress address = UpstreamAddress.Parse(text);

        Assert.AreEqual(host, address.Host);
        Assert.AreEqual(port, address.Port);
        Assert.AreEqual(isTls, address.IsTls);
        Assert.IsNull(address.UserName);
        Assert.IsNull(address.Password);
    }

    [TestMethod]
    [DataRow("mqtt://user@h", "user", null)]
    [DataRow("mqtt://user:@h", "user", "")]
    [DataRow("mqtt://user:secret@h", "user", "secret")]
    [DataRow("mqtt://user:a:b@h", "user", "a:b")]
    [DataRow("mqtt://us%40er:p%3A%2F%23%25%20w@h", "us@er", "p:/#% w")]
    [DataRow("mqtt://%C3%BCser:100%@h", "üser", "100%")]
    public void Address_UserAndPassword_PercentDecoded(string text, string userName, string? password)
    {
        UpstreamAddress address = UpstreamAddress.Parse(text);

        Assert.AreEqual(userName, address.UserName);
        Assert.AreEqual(password, address.Password);
    }

    [TestMethod]
    [DataRow("secret")]
    [DataRow("broker:1883")]
    [DataRow("mqtt:secret")]
    [DataRow("mqtt:///secret")]
    [DataRow("http://u:secret@h")]
    [DataRow("mqtt://u:se/cret@h")]
    [DataRow("mqtt://u:secr@et@h")]
    [DataRow("mqtt://h/secret")]
    [DataRow("mqtt://u:secret@h?x=1")]
    [DataRow("mqtt://u:secret@h#x")]
    [DataRow("mqtt://:secret@h")]
    [DataRow("mqtt://u:secret%00@h")]
    [DataRow("mqtt://u:secret@h:0")]
    [DataRow("mqtt://u:secret@h:99999")]
    [DataRow("mqtt://u:secret@h:port")]
    public void Address_Wrong_NamesTheSettingAndNotThePassword(string text)
    {
        SettingException exception = Assert.ThrowsExactly<SettingException>(() => UpstreamAddress.Parse(text));

        StringAssert.StartsWith(exception.Message, "Upstream ", StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(text, exception.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("mqtt://user:secret@host", "mqtt://host:1883")]
    [DataRow("mqtts://user:secret@[::1]:9", "mqtts://[::1]:9")]
    public void Address_Shown_HasNoUserAndNoPassword(string text, string shown) =>
        Assert.AreEqual(shown, UpstreamAddress.Parse(text).ToString());
}
