using System.Net;
using System.Net.WebSockets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>Who gets past HTTP: over real sockets.</summary>
[TestClass]
public sealed class HttpFrontTests
{
    [TestMethod]
    public async Task WebSocket_PageOfAnotherSite_Forbidden()
    {
        await using GatewayHost host = await StartAsync();
        using ClientWebSocket browser = Browser("http://evil.example");

        await Assert.ThrowsExactlyAsync<WebSocketException>(() => ConnectAsync(browser, host));

        Assert.AreEqual(HttpStatusCode.Forbidden, browser.HttpStatusCode);
    }

    [TestMethod]
    public async Task WebSocket_PageOfThisGateway_Accepted()
    {
        await using GatewayHost host = await StartAsync();
        using ClientWebSocket browser = Browser($"http://{host.HttpEndPoint}");

        await ConnectAsync(browser, host);

        Assert.AreEqual(WebSocketState.Open, browser.State);
        await StopAsync(host);
    }

    [TestMethod]
    public async Task ConnectionsMax_WebSocketBeyondIt_ServiceUnavailable()
    {
        await using GatewayHost host = await StartAsync(limits => limits.ConnectionsMax = 1);
        using ClientWebSocket first = Browser(origin: null);
        await ConnectAsync(first, host);
        using ClientWebSocket second = Browser(origin: null);

        await Assert.ThrowsExactlyAsync<WebSocketException>(() => ConnectAsync(second, host));

        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, second.HttpStatusCode);
        await StopAsync(host);
    }

    [TestMethod]
    public async Task HttpConnectionsMax_ConnectionBeyondIt_Closed()
    {
        await using GatewayHost host = await StartAsync(limits => limits.HttpConnectionsMax = 1);
        using System.Net.Sockets.TcpClient first = new();
        await first.ConnectAsync(host.HttpEndPoint!);
        // Answered: it is counted by now.
        await first.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        Assert.AreNotEqual(0, await first.GetStream().ReadAsync(new byte[1]));
        using System.Net.Sockets.TcpClient second = new();
        await second.ConnectAsync(host.HttpEndPoint!);

        Assert.AreEqual(0, await Patience.Within(ReadAsync(second), "the end of the second connection"));
    }

    private static async Task<int> ReadAsync(System.Net.Sockets.TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0; // reset instead of closed
        }
    }

    private static async Task<GatewayHost> StartAsync(Action<GatewayLimits>? limits = null)
    {
        GatewayOptions options = new() { Listen = ["127.0.0.1:0"], Http = "127.0.0.1:0", Data = GatewayOptions.NoData };
        limits?.Invoke(options.Limits);
        GatewayHost host = GatewayHost.Create(options);
        await host.StartAsync();
        return host;
    }

    private static Task StopAsync(GatewayHost host) => Patience.Within(host.StopAsync(), "the stop");

    private static ClientWebSocket Browser(string? origin)
    {
        ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        return socket;
    }

    private static async Task ConnectAsync(ClientWebSocket socket, GatewayHost host)
    {
        using CancellationTokenSource timeout = new(Patience.Limit);
        await socket.ConnectAsync(new Uri($"ws://{host.HttpEndPoint}/mqtt"), timeout.Token);
    }
}
