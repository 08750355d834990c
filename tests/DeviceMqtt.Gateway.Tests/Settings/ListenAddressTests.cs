using System.Net;
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

    // What is written as nearly everybody does is read by a way of its own.
    [TestMethod]
    [DataRow("255.255.255.255:1")]
    [DataRow("1.2.3:1883")]
    [DataRow("1.2:1883")]
    [DataRow("7:1883")]
    [DataRow("010.0.0.1:1883")]
    [DataRow("0x7f.0.0.1:1883")]
    [DataRow("127.0.0.01:1883")]
    public void Address_AnyForm_IsWhatTheFrameworkReads(string text) => Assert.AreEqual(IPEndPoint.Parse(text), ListenAddress.Parse("Listen", text));

    [TestMethod]
    [DataRow("256.0.0.1:1883")]
    [DataRow("1.2.3.4.5:1883")]
    [DataRow("1.2.3.:1883")]
    [DataRow("1..2.3:1883")]
    [DataRow("1.2.3.+4:1883")]
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
