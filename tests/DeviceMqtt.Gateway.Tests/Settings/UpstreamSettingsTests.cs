using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Tests.Settings;

[TestClass]
internal sealed class UpstreamSettingsTests
{
    [TestMethod]
    public void Upstreams_OfOneName_Refused()
    {
        GatewayOptions twins = new() { Upstream = "mqtt://a", Relays = [new RelayOptions { Addresses = ["mqtt://b"] }] };
        Assert.AreEqual("Relays:0:Name is 'upstream', as that of another upstream", Assert.ThrowsExactly<SettingException>(() => UpstreamSettings.Read(twins)).Message);
    }

    [TestMethod]
    public void Upstream_WithoutAnAddress_Refused()
    {
        GatewayOptions nowhere = new() { Relays = [new RelayOptions { Name = "b" }] };
        Assert.AreEqual("Relays:0:Addresses is empty; it must have at least one address", Assert.ThrowsExactly<SettingException>(() => UpstreamSettings.Read(nowhere)).Message);
    }
}
