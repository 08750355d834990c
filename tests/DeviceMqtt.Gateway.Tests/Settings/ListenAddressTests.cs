using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Settings;

[TestClass]
internal sealed class ListenAddressTests
{
    [TestMethod]
    [DataRow("127.0.0.1:1883", "127.0.0.1:1883")]
    [DataRow("0.0.0.0:0", "0.0.0.0:0")]
    [DataRow("192.0.2.1:65535", "192.0.2.1:65535")]
    [DataRow("[::1]:1883", "[::1]:1883")]
    [DataRow("localhost:1883", "127.0.0.1:1883")]
    [DataRow("*:1883", "[::]:1883")]
    public void Address_Sound_Parsed(string text, string endPoint) => Assert.AreEqual(endPoint, ListenAddress.Parse("Listen", text).ToString());

    [TestMethod]
    [DataRow("")]
    [DataRow("1883")]
    [DataRow(":1883")]
    [DataRow("127.0.0.1")]
    [DataRow("127.0.0.1:")]
    [DataRow("127.0.0.1:65536")]
    [DataRow("127.0.0.1:-1")]
    [DataRow("127.0.0.1:+1")]
    [DataRow("127.0.0.1:mqtt")]
    [DataRow("::1:1883:x")]
    [DataRow("raspberry.local:1883")]
    [DataRow("mqtt://127.0.0.1:1883")]
    public void Address_Wrong_NamedWithTheSetting(string text)
    {
        string message = Assert.ThrowsExactly<SettingException>(() => ListenAddress.Parse("Http", text)).Message;
        Assert.IsTrue(message.StartsWith($"Http is '{text}'", StringComparison.Ordinal), message);
    }
}
