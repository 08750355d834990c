using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>Clients behind a proxy: of a trusted one the gateway takes who they are; none of them is ever local.</summary>
[TestClass]
internal sealed class ProxyTests
{
    private static readonly byte[] Header = Encoding.ASCII.GetBytes("PROXY TCP4 192.0.2.9 198.51.100.1 40000 1883\r\n");
    private static readonly byte[] LocalHeader = Encoding.ASCII.GetBytes("PROXY TCP4 127.0.0.1 127.0.0.1 40000 1883\r\n");

    [TestMethod]
    public async Task Client_BehindATrustedProxy_IsAStrangerWithItsOwnAddress()
    {
        await using TestHouse house = await StartTrustingAsync();
        Assert.AreEqual(5, await PlainAsync(house, Header));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("192.0.2.9:40000", StringComparison.Ordinal) && line.Contains("NotAuthorized", StringComparison.Ordinal)), "its address in the log");
        Assert.AreEqual(5, await PlainAsync(house, LocalHeader), "an address of the loopback, as a proxy says it");
        Assert.AreEqual(5, await PlainAsync(house, Encoding.ASCII.GetBytes("PROXY UNKNOWN\r\n")), "a connection of the proxy itself");
    }

    [TestMethod]
    public async Task Client_BehindATrustedProxyOverTls_IsAStrangerWithItsOwnAddress()
    {
        await using TestHouse house = await StartTrustingAsync();
        await using SslStream client = await house.ConnectAsync(before: Header);
        Assert.AreEqual(5, await client.ConnectAsync("x"));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("192.0.2.9:40000", StringComparison.Ordinal)), "its address in the log");
    }

    [TestMethod]
    public async Task TrustedProxy_WithoutAHeader_ClosedAndSaid()
    {
        await using TestHouse house = await StartTrustingAsync();
        Assert.AreEqual(-1, await PlainAsync(house, []));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("does not begin with a PROXY header", StringComparison.Ordinal)), "a line about it");
    }

    [TestMethod]
    public async Task TrustedProxy_Silent_EndedWhenItsTimeIsOver()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o => (o.Security.TrustedProxies, o.Limits.HandshakeSecondsMax) = (["127.0.0.1"], 1));
        using TcpClient silent = new();
        await silent.ConnectAsync(house.Plain);
        await silent.GetStream().ExpectEndAsync();
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("sends no PROXY header within 1 s", StringComparison.Ordinal)), "a line about it");
    }

    [TestMethod]
    public async Task Header_OfAProxyThatIsNotTrusted_ClosedAndSaid()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o => o.Security.TrustedProxies = ["192.0.2.0/24"]);
        Assert.AreEqual(-1, await PlainAsync(house, Header));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("Security:TrustedProxies", StringComparison.Ordinal)), "a line about it");
        await Assert.ThrowsAsync<Exception>(() => house.ConnectAsync(before: Header));
        Assert.AreEqual(0, await PlainAsync(house, []), "without a header it is a client of this machine");
    }

    [TestMethod]
    [DataRow("127.0.0.1", "X-Forwarded-For", "192.0.2.9", 5, "192.0.2.9")]
    [DataRow("127.0.0.1", "X-Forwarded-For", "127.0.0.1", 5, "127.0.0.1", DisplayName = "an address of the loopback, as a proxy says it")]
    [DataRow("127.0.0.1", "X-Forwarded-For", "127.0.0.1, 192.0.2.9", 5, "192.0.2.9", DisplayName = "what the client says before its proxy is not believed")]
    [DataRow("127.0.0.1", null, "", 5, "127.0.0.1", DisplayName = "a trusted proxy that says nothing")]
    [DataRow("192.0.2.1", "X-Forwarded-For", "192.0.2.9", 5, "127.0.0.1", DisplayName = "a proxy that is not trusted")]
    [DataRow("192.0.2.1", "Via", "1.1 nginx", 5, "127.0.0.1", DisplayName = "another mark of a proxy")]
    [DataRow("192.0.2.1", null, "", 0, "", DisplayName = "no proxy")]
    public async Task WebSocket_BehindAProxy_IsAStranger(string trusted, string? header, string value, int code, string address)
    {
        await using TestHouse house = await TestHouse.StartAsync(o => o.Security.TrustedProxies = [trusted]);
        using ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("mqtt");
        if (header is not null)
            socket.Options.SetRequestHeader(header, value);
        await socket.ConnectAsync(new Uri($"ws://{house.Host.HttpEndPoint}/mqtt"), CancellationToken.None).WaitAsync(Patience.Limit);
        System.Buffers.ArrayBufferWriter<byte> connect = new();
        new Protocol.ConnectPacket { ClientId = "x", CleanStart = true }.Write(connect);
        await socket.SendAsync(connect.WrittenMemory, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        byte[] connAck = new byte[4];
        Assert.AreEqual(4, (await socket.ReceiveAsync(connAck, CancellationToken.None).WaitAsync(Patience.Limit)).Count);
        Assert.AreEqual(code, connAck[3]);
        if (code != 0)
            await Patience.Until(() => house.Log.Lines.Any(line => line.Contains($": {address}:", StringComparison.Ordinal) && line.Contains("NotAuthorized", StringComparison.Ordinal)), "its address in the log");
    }

    private static Task<TestHouse> StartTrustingAsync() => TestHouse.StartAsync(static o => o.Security.TrustedProxies = ["127.0.0.0/8"]);

    private static async Task<int> PlainAsync(TestHouse house, byte[] before)
    {
        using TcpClient client = new();
        await client.ConnectAsync(house.Plain);
        await client.GetStream().WriteAsync(before);
        return await client.GetStream().ConnectAsync("x");
    }
}
