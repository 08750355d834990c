using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>TLS over real sockets: who gets in, what is refused, and that it is said.</summary>
[TestClass]
internal sealed class TlsListenerTests
{
    [TestMethod]
    [DataRow(SslProtocols.Tls12)]
    [DataRow(SslProtocols.Tls13)]
    public async Task Client_OverTls_ConnectsAndTalks(SslProtocols protocol)
    {
        await using TestHouse house = await TestHouse.StartAsync();
        await using SslStream client = await house.ConnectAsync(protocols: protocol);
        Assert.AreEqual(protocol, client.SslProtocol);
        Assert.AreEqual(0, await client.ConnectAsync("a"));
        await client.PingAsync();
    }

    // Tasmota on an ESP8266 knows no other: the gateway's certificate, one more of it, and those of clients have the kind of the authority's key.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Certificates_OfTheKindThatWasAskedFor_AllOfThem(bool isRsa)
    {
        await using TestHouse house = await TestHouse.StartAsync(settings: options =>
        {
            options.Tls.ClientCertificates = ClientCertificates.Accepted;
            options.Security.Users["kitchen"] = "secret";
            options.Security.Roles["kitchen"] = "operator";
        }, isRsa: isRsa);
        X509Certificate2Collection first = house.Certificates.ReadAuthorities();
        house.Rotate(); // the one before vouches for the new one
        using X509Certificate2 own = house.ClientCertificate("kitchen");
        foreach (X509Certificate2 certificate in (X509Certificate2[])[own, house.Certificates.ReadServer(), .. house.Certificates.ReadAuthorities()])
            Assert.AreEqual(isRsa ? (int?)2048 : null, certificate.GetRSAPublicKey()?.KeySize, certificate.Subject);
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("were read again", StringComparison.Ordinal)), "the new certificate");
        foreach (X509Certificate2Collection trusted in (X509Certificate2Collection[])[first, house.Certificates.ReadAuthorities()])
        {
            await using SslStream client = await house.ConnectAsync(trusted, own);
            Assert.AreEqual(0, await client.ConnectAsync("any"));
        }
    }

    [TestMethod]
    [DataRow("PROXY TCP4 192.0.2.9 198.51.100.1 40000 1883\r\n")]
    [DataRow("\r\n\r\n\0\r\nQUIT\n")]
    public async Task ProxyHeader_WithoutATrustedProxy_SaidWhatIsWrongForEachPort(string header)
    {
        await using TestHouse house = await TestHouse.StartAsync();
        foreach ((System.Net.IPEndPoint at, string why) in ((System.Net.IPEndPoint, string)[])[(house.Secure, "its address is not in Security:TrustedProxies"), (house.Host.HttpOn.Single(static on => on.IsTls).EndPoint, "a port of HTTP takes none: let the proxy send X-Forwarded-For")])
        {
            using Socket proxy = new(SocketType.Stream, ProtocolType.Tcp);
            await proxy.ConnectAsync(at);
            await proxy.SendAsync(System.Text.Encoding.ASCII.GetBytes(header));
            await Patience.Until(() => house.Log.Lines.Any(line => line.Contains(why, StringComparison.Ordinal)), why);
        }
    }

    [TestMethod]
    public async Task Client_ThatTrustsAnother_DoesNotConnect()
    {
        await using TestHouse house = await TestHouse.StartAsync();
        await using TestHouse other = await TestHouse.StartAsync();
        await Assert.ThrowsAsync<AuthenticationException>(() => house.ConnectAsync(other.Certificates.ReadAuthorities()));
    }

    [TestMethod]
    public async Task PlainMqtt_ToThePortOfTls_ClosedAndSaid()
    {
        await using TestHouse house = await TestHouse.StartAsync();
        using TcpClient client = new();
        await client.ConnectAsync(house.Secure);
        Assert.AreEqual(-1, await client.GetStream().ConnectAsync("a"));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("it begins with a plain MQTT CONNECT, and this port wants TLS", StringComparison.Ordinal)), "a line about it");
    }

    [TestMethod]
    public async Task Tls_ToThePlainPorts_ClosedAndSaid()
    {
        await using TestHouse house = await TestHouse.StartAsync();
        await Assert.ThrowsAsync<Exception>(() => house.ConnectAsync(at: house.Plain));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("it begins a TLS handshake, and this port is plain MQTT", StringComparison.Ordinal)), "a line about it");
        await Assert.ThrowsAsync<Exception>(() => house.ConnectAsync(at: house.Host.HttpEndPoint));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("it begins a TLS handshake, and this port is plain HTTP", StringComparison.Ordinal)), "a line about it");
    }

    [TestMethod]
    public async Task WebSocket_OverTls_ConnectsAndTalks()
    {
        await using TestHouse house = await TestHouse.StartAsync();
        using ClientWebSocket socket = await WebSocketAsync(house);
        byte[] connAck = new byte[4];
        await socket.SendAsync(Connect("a"), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        Assert.AreEqual(4, (await socket.ReceiveAsync(connAck, CancellationToken.None).WaitAsync(Patience.Limit)).Count);
        Assert.AreEqual(0, connAck[3]);
    }

    [TestMethod]
    public async Task Certificate_OfAClient_StandsForItsUserAndNoOther()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o =>
        {
            o.Tls.ClientCertificates = ClientCertificates.Accepted;
            o.Security.Users["kitchen"] = "secret";
            o.Security.ClientIds["kitchen"] = ["*"];
        });
        using X509Certificate2 kitchen = house.ClientCertificate("kitchen");
        using X509Certificate2 stranger = house.ClientCertificate("stranger");

        Assert.AreEqual(0, await CodeAsync(house, kitchen));
        Assert.AreEqual(0, await CodeAsync(house, kitchen, "kitchen", "not looked at"));
        Assert.AreEqual(5, await CodeAsync(house, kitchen, "other", "secret"), "the certificate is kitchen's");
        Assert.AreEqual(5, await CodeAsync(house, stranger), "a certificate whose user is not known");
        Assert.AreEqual(5, await CodeAsync(house, own: null), "no certificate and no password");
        Assert.AreEqual(0, await CodeAsync(house, own: null, "kitchen", "secret"));
    }

    [TestMethod]
    public async Task Certificate_OfAnotherAuthority_Refused()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o => o.Tls.ClientCertificates = ClientCertificates.Accepted);
        await using TestHouse other = await TestHouse.StartAsync();
        using X509Certificate2 foreign = other.ClientCertificate("kitchen");
        Assert.AreEqual(-1, await CodeAsync(house, foreign));
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("not signed by an authority of Tls:ClientCaFile", StringComparison.Ordinal)), "a line about it");
    }

    [TestMethod]
    public async Task Certificate_RequiredAndNoneShown_Refused()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o =>
        {
            o.Tls.ClientCertificates = ClientCertificates.Required;
            o.Tls.CertificateUsers["board 7"] = "kitchen";
            o.Security.Users["kitchen"] = "secret";
            o.Security.ClientIds["kitchen"] = ["*"];
        });
        Assert.AreEqual(-1, await CodeAsync(house, own: null, "kitchen", "secret"));
        using X509Certificate2 board = house.ClientCertificate("board 7");
        Assert.AreEqual(0, await CodeAsync(house, board));
        using X509Certificate2 kitchen = house.ClientCertificate("kitchen");
        Assert.AreEqual(5, await CodeAsync(house, kitchen), "names that are not listed have no user");
    }

    [TestMethod]
    public async Task Certificate_RevokedInTheList_ItsConnectionEndsAndItComesInNoMore()
    {
        string crl = Path.Combine(Directory.CreateTempSubdirectory("devicemqtt-crl").FullName, "crl.pem");
        await using TestHouse house = await TestHouse.StartAsync(o =>
        {
            o.Tls.ClientCertificates = ClientCertificates.Accepted;
            o.Tls.CrlFile = crl;
            o.Security.Users["kitchen"] = "secret";
            o.Security.ClientIds["kitchen"] = ["*"];
            File.WriteAllText(crl, RevokedCertificatesTests.CrlOf(new Certificates.CertificateFolder(o.Data)));
        });
        using X509Certificate2 stolen = house.ClientCertificate("kitchen");
        using X509Certificate2 replaced = house.ClientCertificate("kitchen");
        await using SslStream thief = await house.ConnectAsync(own: stolen);
        await using SslStream owner = await house.ConnectAsync(own: replaced);
        Assert.AreEqual(0, await thief.ConnectAsync("a"));
        Assert.AreEqual(0, await owner.ConnectAsync("b"));

        File.WriteAllText(crl, RevokedCertificatesTests.CrlOf(house.Certificates, stolen));
        await thief.ExpectEndAsync();
        await owner.PingAsync();
        Assert.AreEqual(-1, await CodeAsync(house, stolen));
        Assert.AreEqual(0, await CodeAsync(house, replaced));
        Directory.Delete(Path.GetDirectoryName(crl)!, recursive: true);
    }

    [TestMethod]
    public async Task Setting_SerialRevoked_Refused()
    {
        string serial = "";
        await using TestHouse first = await TestHouse.StartAsync();
        using X509Certificate2 stolen = first.ClientCertificate("kitchen");
        serial = stolen.SerialNumber.ToLowerInvariant();
        string ca = first.Certificates.PathOf("ca.pem");
        await using TestHouse house = await TestHouse.StartAsync(o =>
        {
            o.Tls.ClientCertificates = ClientCertificates.Accepted;
            o.Tls.ClientCaFile = ca;
            o.Tls.RevokedSerials = [serial];
            o.Security.Users["kitchen"] = "secret";
            o.Security.ClientIds["kitchen"] = ["*"];
        });
        Assert.AreEqual(-1, await CodeAsync(house, stolen));
        using X509Certificate2 good = first.ClientCertificate("kitchen");
        Assert.AreEqual(0, await CodeAsync(house, good));
    }

    private static async Task<int> CodeAsync(TestHouse house, X509Certificate2? own, string? user = null, string? password = null)
    {
        try
        {
            await using SslStream client = await house.ConnectAsync(own: own);
            return await client.ConnectAsync("x", user, password);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return -1; // TLS 1.3 tells a client after its own handshake is done, 1.2 before.
        }
    }

    private static async Task<ClientWebSocket> WebSocketAsync(TestHouse house)
    {
        ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("mqtt");
        string expected = house.Certificates.ReadServer().Thumbprint;
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == expected;
        int port = house.Host.HttpOn.First(static on => on.IsTls).EndPoint.Port;
        await socket.ConnectAsync(new Uri($"wss://localhost:{port}/mqtt"), CancellationToken.None).WaitAsync(Patience.Limit);
        return socket;
    }

    private static ReadOnlyMemory<byte> Connect(string clientId)
    {
        System.Buffers.ArrayBufferWriter<byte> bytes = new();
        new Protocol.ConnectPacket { ClientId = clientId, CleanStart = true }.Write(bytes);
        return bytes.WrittenMemory;
    }
}
