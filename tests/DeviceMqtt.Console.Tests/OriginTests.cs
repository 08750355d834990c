using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeviceMqtt.Console.Tests;

/// <summary>What keeps pages of others away from the WebSocket of the gateway, in a real browser.</summary>
[TestClass]
public sealed class OriginTests
{
    // What OriginRules.IsBrowser looks for. The page cannot take one away; the browser does not leave one out.
    private static readonly string[] OfABrowser = ["User-Agent", "Pragma", "Cache-Control", "Accept-Encoding", "Accept-Language", "Sec-WebSocket-Extensions"];

    [TestMethod]
    public async Task WebSocket_OfAPageFromElsewhere_RefusedForAllItsHeadersSayThatItIsABrowser()
    {
        await using Visitor visitor = await Visitor.ComeAsync();
        visitor.ExpectsCuts = visitor.ExpectsRefusal = true;
        _ = await visitor.Page.GotoAsync("about:blank"); // Origin: null
        foreach (string path in (string[])["/mqtt", "/", "/ws"])
            Assert.AreEqual("closed", await OpenAsync(visitor, $"ws://{visitor.Host.HttpEndPoint}{path}"), path);

        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<string> request = ReadRequestAsync(listener);
        Assert.AreEqual("closed", await OpenAsync(visitor, $"ws://{listener.LocalEndpoint}/mqtt"));
        string[] names = [.. (await request.WaitAsync(Patience.Limit)).Split("\r\n").Select(static line => line.Split(':')[0])];
        foreach (string name in OfABrowser)
            CollectionAssert.Contains(names, name, string.Join(' ', names));
    }

    private static Task<string> OpenAsync(Visitor visitor, string url) => visitor.Page.EvaluateAsync<string>(
        "url => new Promise(done => { const socket = new WebSocket(url, 'mqtt'); socket.onopen = () => done('open'); socket.onclose = () => done('closed') })", url);

    private static async Task<string> ReadRequestAsync(TcpListener listener)
    {
        using TcpClient browser = await listener.AcceptTcpClientAsync();
        StringBuilder request = new();
        byte[] buffer = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await browser.GetStream().ReadAsync(buffer) is > 0 and var count)
            _ = request.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return request.ToString();
    }
}
