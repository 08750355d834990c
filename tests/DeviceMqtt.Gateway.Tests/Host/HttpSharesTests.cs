using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>Nobody has more than a share of the HTTP connections.</summary>
[TestClass]
internal sealed class HttpSharesTests
{
    // One machine has as many addresses of IPv6 as it likes: with a few of them it had all connections, and nobody got to the page.
    [TestMethod]
    [DataRow("2001:db8::{0}", 25)]
    [DataRow("2001:db8:{0}::1", 40)]
    [DataRow("192.0.2.{0}", 40)]
    [DataRow("::ffff:192.0.2.{0}", 40)]
    public async Task Connections_OfOneNetwork_AQuarter(string form, int admitted)
    {
        HttpShares shares = new(new GatewayLimits { HttpConnectionsMax = 100 }, new TrustedProxies(new SecurityOptions()));
        TaskCompletionSource end = new();
        int served = 0;
        ConnectionDelegate use = shares.Use(_ =>
        {
            served++;
            return end.Task;
        });
        Task[] all = [.. Enumerable.Range(1, 40).Select(i => use(new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, i)), 5000) }))];

        Assert.AreEqual(admitted, served);
        end.SetResult();
        await Task.WhenAll(all);
    }
}
