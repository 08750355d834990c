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

    // paho makes its Origin of the address that it was told, whatever this machine is called; a page in a browser has other headers, too.
    [TestMethod]
    [DataRow("http://gateway.lan:8080", null, true)]
    [DataRow("https://gateway.lan:8080", null, true)]
    [DataRow("http://evil.example", null, true)]
    [DataRow("http://gateway.lan:8080", "User-Agent", false)]
    [DataRow("http://gateway.lan:8080", "Accept-Language", false)]
    [DataRow("http://gateway.lan:8080", "Sec-Fetch-Mode", false)]
    public async Task WebSocket_WithAnOriginThatNoPageHas_AcceptedUnlessABrowserMayHaveSentIt(string origin, string? header, bool isAccepted)
    {
        await using GatewayHost host = await StartAsync();
        using ClientWebSocket client = Browser(origin: null);
        client.Options.SetRequestHeader("Origin", origin);
        client.Options.SetRequestHeader("Host", "gateway.lan:8080");
        if (header is not null)
            client.Options.SetRequestHeader(header, "x");
        if (isAccepted)
            await ConnectAsync(client, host);
        else
            await Assert.ThrowsExactlyAsync<WebSocketException>(() => ConnectAsync(client, host));
        Assert.AreEqual(isAccepted ? WebSocketState.Open : WebSocketState.Closed, client.State);
        await StopAsync(host, client);
    }

    // Kestrel would answer 400 to it, and nobody would know why.
    [TestMethod]
    [DataRow("PROXY TCP4 192.0.2.9 198.51.100.1 40000 1883\r\n")]
    [DataRow("\r\n\r\n\0\r\nQUIT\n")]
    public async Task ProxyHeader_OnAPortOfHttp_SaidWhatToSendInItsPlace(string header)
    {
        RecordingLog log = new();
        await using GatewayHost host = await StartAsync(log: log);
        using System.Net.Sockets.TcpClient proxy = new();
        await proxy.ConnectAsync(host.HttpEndPoint!);
        await proxy.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(header));
        Assert.AreEqual(0, await Patience.Within(ReadAsync(proxy), "the end of the connection"));
        Assert.Contains("a port of HTTP takes none: let the proxy send X-Forwarded-For", string.Join('\n', log.Lines), StringComparison.Ordinal);
        await StopAsync(host);
    }

    [TestMethod]
    [DataRow("/")]
    [DataRow("")]
    [DataRow("/mqtt")]
    [DataRow("/mqtt/")]
    [DataRow("/ws")]
    [DataRow("/api/mqtt/v1")]
    [DataRow("/api/v1/health")]
    [DataRow("/mqtt/deeper")]
    public async Task WebSocket_PathsThatClientsAreToldOrNone_Accepted(string path)
    {
        await using GatewayHost host = await StartAsync();
        using ClientWebSocket client = Browser(origin: null);

        await Patience.Within(client.ConnectAsync(new Uri($"ws://{host.HttpEndPoint}{path}"), CancellationToken.None), "the WebSocket");

        Assert.AreEqual((WebSocketState.Open, "mqtt"), (client.State, client.SubProtocol));
        await StopAsync(host, client);
    }

    [TestMethod]
    [DataRow("/", null)]
    [DataRow("/", "soap")]
    [DataRow("/ws", null)]
    [DataRow("/api/v1/health", "soap")]
    public async Task WebSocket_NotForMqtt_NotFoundAndSaid(string path, string? subprotocol)
    {
        RecordingLog log = new();
        await using GatewayHost host = await StartAsync(log: log);
        using ClientWebSocket client = new();
        client.Options.CollectHttpResponseDetails = true;
        if (subprotocol is not null)
            client.Options.AddSubProtocol(subprotocol);
        await Assert.ThrowsExactlyAsync<WebSocketException>(() => client.ConnectAsync(new Uri($"ws://{host.HttpEndPoint}{path}"), CancellationToken.None));
        Assert.AreEqual(HttpStatusCode.NotFound, client.HttpStatusCode);
        Assert.Contains($"a WebSocket at '{path}' without the subprotocol mqtt", string.Join('\n', log.Lines), StringComparison.Ordinal);
        await StopAsync(host);
    }

    [TestMethod]
    public async Task WebSocket_PageOfAnotherSite_TheLogSaysWhichSettingWouldLetItIn()
    {
        RecordingLog log = new();
        await using GatewayHost host = await StartAsync(log: log);
        using ClientWebSocket browser = Browser("http://panel.example:3000");

        await Assert.ThrowsExactlyAsync<WebSocketException>(() => ConnectAsync(browser, host));

        Assert.Contains("a page of 'http://panel.example:3000', or a program that sends Origin and other headers of a browser, may not open a WebSocket; it may with Security:Origins:0=http://panel.example:3000", string.Join('\n', log.Lines), StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task ConnectionsMax_WebSocketBeyondIt_ServiceUnavailable()
    {
        await using GatewayHost host = await StartAsync(limits => limits.ConnectionsMax = 1);
        using ClientWebSocket first = Browser(origin: null);
        await ConnectAsync(first, host);
        await first.SendAsync(Packet.Of("10: <MQTT> 04 02 003C <first>"), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        Assert.AreEqual(4, (await Patience.Within(first.ReceiveAsync(new byte[16], CancellationToken.None), "its CONNACK")).Count);
        using ClientWebSocket second = Browser(origin: null);

        await Assert.ThrowsExactlyAsync<WebSocketException>(() => ConnectAsync(second, host));

        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, second.HttpStatusCode);
        await StopAsync(host, first);
    }

    [TestMethod]
    public async Task HttpConnectionsMax_ConnectionBeyondIt_TakesThePlaceOfOneThatIsIdle()
    {
        await using GatewayHost host = await StartAsync(limits => limits.HttpConnectionsMax = 1);
        using System.Net.Sockets.TcpClient first = new();
        await first.ConnectAsync(host.HttpEndPoint!);
        // Answered: it is counted by now.
        await first.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        Assert.AreNotEqual(0, await first.GetStream().ReadAsync(new byte[1]));
        using System.Net.Sockets.TcpClient second = new();
        await second.ConnectAsync(host.HttpEndPoint!);

        await second.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());

        Assert.AreNotEqual(0, await Patience.Within(ReadAsync(second), "the answer on the second connection"));
        byte[] rest = new byte[4096];
        while (await Patience.Within(ReadAsync(first, rest), "the end of the first connection") > 0)
        {
        }
    }

    private static async Task<int> ReadAsync(System.Net.Sockets.TcpClient client, byte[]? buffer = null)
    {
        try
        {
            return await client.GetStream().ReadAsync(buffer ?? new byte[1]);
        }
        catch (IOException)
        {
            return 0; // reset instead of closed
        }
    }

    private static async Task<GatewayHost> StartAsync(Action<GatewayLimits>? limits = null, RecordingLog? log = null)
    {
        GatewayOptions options = new() { Listen = ["127.0.0.1:0"], Http = "127.0.0.1:0", Data = GatewayOptions.NoData };
        limits?.Invoke(options.Limits);
        GatewayHost host = GatewayHost.Create(options, log is null ? null : new OneLog(log));
        await host.StartAsync();
        return host;
    }

    private static Task StopAsync(GatewayHost host) => Patience.Within(host.StopAsync(), "the stop");

    // The stop gives a client that does not answer its close some seconds. WebSocket_PageOfThisGateway_Accepted stops with such a client.
    private static Task StopAsync(GatewayHost host, ClientWebSocket client)
    {
        client.Abort();
        return StopAsync(host);
    }

    private static ClientWebSocket Browser(string? origin)
    {
        ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
            socket.Options.SetRequestHeader("User-Agent", "Mozilla/5.0");
        }

        return socket;
    }

    private static async Task ConnectAsync(ClientWebSocket socket, GatewayHost host)
    {
        using CancellationTokenSource timeout = new(Patience.Limit);
        await socket.ConnectAsync(new Uri($"ws://{host.HttpEndPoint}/mqtt"), timeout.Token);
    }

    private sealed class OneLog(RecordingLog log) : Microsoft.Extensions.Logging.ILoggerFactory
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(Microsoft.Extensions.Logging.ILoggerProvider provider)
        {
            // What else wants the lines does not get them here.
        }

        public void Dispose()
        {
            // There is nothing to let go.
        }
    }
}
