using System.Net;
using DeviceMqtt.Gateway.Provisioning;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>By which address boards find this machine, when nobody says.</summary>
[TestClass]
public sealed class HostAddressTests
{
    [TestMethod]
    public void Choose_WithAndWithoutARouter_IsTheOneThatReachesMost()
    {
        (IPAddress, bool) lan = (IPAddress.Parse("192.168.4.1"), false), own = (IPAddress.Parse("169.254.1.2"), false), home = (IPAddress.Parse("10.0.0.7"), true);

        Assert.AreEqual("10.0.0.7", HostAddress.Choose([own, lan, home])?.ToString());
        Assert.AreEqual("192.168.4.1", HostAddress.Choose([own, lan])?.ToString(), "a network without a router");
        Assert.AreEqual("169.254.1.2", HostAddress.Choose([own])?.ToString());
        Assert.IsNull(HostAddress.Choose([(IPAddress.Loopback, false), (IPAddress.IPv6Loopback, false)]));
    }
}
