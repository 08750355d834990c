using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>Handshakes that never end, or come by the thousand: those who are in notice nothing, and the bounds hold.</summary>
[TestClass]
internal sealed class HostileHandshakeTests
{
    // The first bytes of a ClientHello that says to be longer.
    private static readonly byte[] HalfHello = [0x16, 0x03, 0x01, 0x01, 0x00, 0x01];

    [TestMethod]
    public async Task HandshakesMax_AThousandHalfOpenFromOneAddress_AQuarterIsKeptAndTheConnectedGoOn()
    {
        const int hostile = 1_000;
        await using TestHouse house = await TestHouse.StartAsync(static o => (o.Limits.HandshakesMax, o.Limits.HandshakeSecondsMax) = (400, 3600));
        await using SslStream honest = await house.ConnectAsync();
        Assert.AreEqual(0, await honest.ConnectAsync("honest"));
        List<Socket> sockets = [];
        for (int i = 0; i < hostile; i++)
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            try
            {
                await socket.ConnectAsync(house.Secure);
                await socket.SendAsync(HalfHello);
            }
            catch (SocketException)
            {
                // Closed already; counted below.
            }
        }

        await honest.PingAsync();
        // All but a hundred are closed at once.
        HashSet<Socket> kept = [.. sockets];
        await Patience.Until(() => kept.RemoveWhere(IsClosed) >= 0 && kept.Count <= 100, "the end of most of them");
        await honest.PingAsync();
        Assert.AreEqual(0, kept.RemoveWhere(IsClosed), "a hundred are kept");
        Assert.HasCount(100, kept);
        Assert.IsTrue(house.Log.Lines.Any(static line => line.Contains("a quarter of Limits:HandshakesMax", StringComparison.Ordinal)));
        Assert.HasCount(20, house.Log.Lines.Where(static line => line.Contains(" is refused: ", StringComparison.Ordinal)).ToArray(), "the log is bounded, too");

        // Their places are free again when they go.
        foreach (Socket socket in sockets)
            socket.Dispose();
        await using SslStream late = await ConnectWhenThereIsRoomAsync(house);
        Assert.AreEqual(0, await late.ConnectAsync("late"));
        await honest.PingAsync();
    }

    [TestMethod]
    public async Task HandshakeSecondsMax_SilentOrHalfOpen_EndedWhenItsTimeIsOver()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o => o.Limits.HandshakeSecondsMax = 1);
        using TcpClient silent = new();
        await silent.ConnectAsync(house.Secure);
        using TcpClient half = new();
        await half.ConnectAsync(house.Secure);
        await half.GetStream().WriteAsync(HalfHello);
        await silent.GetStream().ExpectEndAsync();
        await half.GetStream().ExpectEndAsync();
        await Patience.Until(() => house.Log.Lines.Count(static line => line.Contains("no handshake within 1 s", StringComparison.Ordinal)) == 2, "two lines about it");
    }

    // The first record of each is whole, and its ClientHello is not: they had the places where signatures are worked out, and nobody else got in for
    // HandshakeSecondsMax, once for each of them.
    [TestMethod]
    public async Task ClientHello_OverSeveralRecordsOfWhichOneIsHere_HoldsUpNobody()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o => o.Limits.HandshakeSecondsMax = 3600);
        List<Socket> sockets = [];
        for (int i = 0; i < Environment.ProcessorCount * 4; i++)
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            await socket.ConnectAsync(house.Secure);
            await socket.SendAsync((byte[])[0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x20, 0x00, 0x03]);
        }

        for (int i = 0; i < 3; i++)
        {
            await using SslStream honest = await house.ConnectAsync();
            Assert.AreEqual(0, await honest.ConnectAsync($"honest{i}"));
        }

        foreach (Socket socket in sockets)
            socket.Dispose();
    }

    // What came behind a record without a byte was kept, as much as the transport takes, until the time of the handshake was over.
    [TestMethod]
    [DataRow(new byte[] { 0x16, 0x03, 0x01, 0x00, 0x00 }, DisplayName = "a record without a byte")]
    [DataRow(new byte[] { 0x16, 0x03, 0x01, 0x00, 0x05, 0x02, 0x00, 0x00, 0x01, 0x00 }, DisplayName = "another message")]
    [DataRow(new byte[] { 0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0xFF, 0xFF, 0xFF, 0x00 }, DisplayName = "16 MB")]
    [DataRow(new byte[] { 0x16, 0x03, 0x01, 0x00, 0x01, 0x01, 0x15, 0x03, 0x01, 0x00, 0x01, 0x00 }, DisplayName = "an alert in the middle")]
    public async Task ClientHello_ThatIsNone_EndedAtOnce(byte[] bytes)
    {
        await using TestHouse house = await TestHouse.StartAsync(static o => o.Limits.HandshakeSecondsMax = 3600);
        using TcpClient client = new();
        await client.ConnectAsync(house.Secure);
        await client.GetStream().WriteAsync(bytes);
        await client.GetStream().ExpectEndAsync();
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("what came is no ClientHello", StringComparison.Ordinal)), "a line about it");
    }

    [TestMethod]
    public async Task Stop_WithHalfOpenAndSilentConnections_WaitsForNone()
    {
        TestHouse house = await TestHouse.StartAsync(static o => o.Limits.HandshakeSecondsMax = 3600);
        List<TcpClient> silent = [];
        foreach (IPEndPoint at in new[] { house.Secure, house.Host.HttpEndPoint!, house.Host.HttpOn.First(static on => on.IsTls).EndPoint })
        {
            TcpClient client = new();
            await client.ConnectAsync(at);
            silent.Add(client);
        }

        await silent[0].GetStream().WriteAsync(HalfHello);
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        await house.DisposeAsync();
        Assert.IsLessThan(Composition.GatewayHost.StopTimeout, System.Diagnostics.Stopwatch.GetElapsedTime(began));
        foreach (TcpClient client in silent)
            client.Dispose();
    }

    [TestMethod]
    public async Task Handshakes_AThousandAtOnce_AllAreServedAndTheConnectedGoOn()
    {
        const int many = 1_000;
        // How long a thousand take is a matter of the machine.
        await using TestHouse house = await TestHouse.StartAsync(static o => (o.Limits.HandshakesMax, o.Limits.HandshakeSecondsMax, o.Limits.ConnectSecondsMax) = (4 * many, 3600, 3600));
        await using SslStream honest = await house.ConnectAsync();
        Assert.AreEqual(0, await honest.ConnectAsync("honest"));
        Task<int>[] all = [.. Enumerable.Range(0, many).Select(i => Task.Run(() => ComeAsync(house, i)))];
        while (!all.All(static task => task.IsCompleted))
        {
            await honest.PingAsync();
            await Task.WhenAny(Task.WhenAll(all), Task.Run(static () => Thread.Yield()));
        }

        Assert.IsTrue((await Task.WhenAll(all)).All(static code => code == 0));
    }

    [TestMethod]
    public async Task ConnectionsMax_Reached_NoMoreHandshakes()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o => o.Limits.ConnectionsMax = 1);
        await using SslStream first = await house.ConnectAsync();
        Assert.AreEqual(0, await first.ConnectAsync("a"));
        await Assert.ThrowsAsync<Exception>(() => house.ConnectAsync());
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("is refused: Limits:ConnectionsMax is 1", StringComparison.Ordinal)), "a line about it");
    }

    // Connections without a CONNECT give their places to newcomers over plain TCP. Over TLS all were refused until they ended by themselves.
    [TestMethod]
    public async Task ConnectionsMax_OthersHaveNoConnectYet_TlsWebSocketsAndTheConsoleGoOn()
    {
        const int max = 6;
        await using TestHouse house = await TestHouse.StartAsync(static o => (o.Limits.ConnectionsMax, o.Limits.ConnectSecondsMax, o.Limits.SharePercentMax) = (max, 3600, 100));
        List<Socket> silent = [];
        for (int i = 0; i < max; i++)
            silent.Add(await SilentAsync(house.Plain, "127.0.0.2"));
        await Patience.Until(() => house.Log.Lines.Count(static line => line.Contains(" from 127.0.0.2:", StringComparison.Ordinal)) == max, "all of them");

        await using SslStream honest = await house.ConnectAsync();
        Assert.AreEqual(0, await honest.ConnectAsync("honest"));
        using ClientWebSocket browser = new();
        browser.Options.AddSubProtocol("mqtt");
        await Patience.Within(browser.ConnectAsync(new Uri($"ws://{house.Host.HttpEndPoint}/mqtt"), CancellationToken.None), "the WebSocket");
        silent.ForEach(static socket => socket.Dispose());
    }

    // Each had its place among the connections that there may be.
    [TestMethod]
    public async Task ConnectionsMax_OthersAreInTheMiddleOfAHandshake_TlsAndTheConsoleGoOn()
    {
        const int max = 8;
        await using TestHouse house = await TestHouse.StartAsync(static o => (o.Limits.ConnectionsMax, o.Limits.HandshakeSecondsMax) = (max, 3600));
        List<Socket> silent = [];
        for (int i = 0; i < 2 * max; i++)
            silent.Add(await SilentAsync(house.Secure, $"127.0.0.{2 + i}"));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("is refused", StringComparison.Ordinal)), "the bound of handshakes");

        await using SslStream honest = await house.ConnectAsync();
        Assert.AreEqual(0, await honest.ConnectAsync("honest"));
        await using SslStream page = await house.ConnectAsync(at: house.Host.HttpOn.First(static on => on.IsTls).EndPoint);
        silent.ForEach(static socket => socket.Dispose());
    }

    private static async Task<Socket> SilentAsync(IPEndPoint at, string from)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(at);
        return socket;
    }

    private static async Task<int> ComeAsync(TestHouse house, int i)
    {
        await using SslStream client = await house.ConnectAsync();
        return await client.ConnectAsync($"c{i}");
    }

    private static async Task<SslStream> ConnectWhenThereIsRoomAsync(TestHouse house)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return await house.ConnectAsync();
            }
            catch (Exception exception) when (exception is IOException && tries < 1_000)
            {
                await Task.Yield(); // The gateway has not seen yet that they are gone.
            }
        }
    }

    // A socket that is kept has nothing to read.
    private static bool IsClosed(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException)
        {
            return true; // reset
        }
    }
}
