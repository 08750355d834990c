using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Tls;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>What becomes of connections whose certificate is not taken any more, or stands for somebody else.</summary>
[TestClass]
internal sealed class CertifiedClientsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-certified").FullName;

    private string Crl => Path.Combine(_folder, "crl.pem");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public async Task AuthorityBetween_Revoked_ConnectionsOfItsClientsEnd()
    {
        await using TestHouse house = await TestHouse.StartAsync(WithCrl);
        using TestAuthority authority = new(house.Certificates);
        using X509Certificate2 own = authority.Client("kitchen");
        using X509Certificate2 other = house.ClientCertificate("kitchen");
        await using SslStream mqtt = await house.ConnectAsync(own: own, between: [authority.Between]);
        await using SslStream stays = await house.ConnectAsync(own: other);
        Assert.AreEqual(0, await mqtt.Connect5Async("a"));
        Assert.AreEqual(0, await stays.ConnectAsync("b"));
        using ClientWebSocket webSocket = await WebSocketAsync(house, own, [authority.Between]);

        File.WriteAllText(Crl, RevokedCertificatesTests.CrlOf(house.Certificates, authority.Between));

        Assert.AreEqual(ReasonCode.AdministrativeAction, await mqtt.DisconnectedAsync());
        await mqtt.ExpectEndAsync();
        Assert.AreEqual(WebSocketMessageType.Close, (await webSocket.ReceiveAsync(new byte[64], CancellationToken.None).WaitAsync(Patience.Limit)).MessageType);
        await stays.PingAsync();
        Assert.Contains(static line => line.Contains("between it and its authority is revoked", StringComparison.Ordinal), house.Log.Lines);
    }

    [TestMethod]
    public async Task Authority_Forgotten_ConnectionsOfItsClientsEnd()
    {
        await using TestHouse house = await TestHouse.StartAsync(WithCrl);
        using X509Certificate2 old = house.ClientCertificate("kitchen");
        await using SslStream former = await house.ConnectAsync(own: old);
        Assert.AreEqual(0, await former.Connect5Async("a"));
        house.Rotate();
        using X509Certificate2 young = house.ClientCertificate("kitchen");
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("were read again", StringComparison.Ordinal)), "the new authority");
        await former.PingAsync();

        Assert.IsTrue(house.Forget());

        Assert.AreEqual(ReasonCode.AdministrativeAction, await former.DisconnectedAsync());
        await using SslStream later = await house.ConnectAsync(own: young);
        Assert.AreEqual(0, await later.ConnectAsync("a"));
    }

    /// <summary>A certificate that no user stands behind, shown by a client that logs in with a password: the certificate counts all the same.</summary>
    [TestMethod]
    public async Task Certificate_OfAClientWithAPassword_Revoked_ItsConnectionEnds()
    {
        await using TestHouse house = await TestHouse.StartAsync(o =>
        {
            WithCrl(o);
            o.Tls.CertificateUsers["somebody"] = "kitchen";
        });
        using X509Certificate2 own = house.ClientCertificate("nobody");
        await using SslStream client = await house.ConnectAsync(own: own);
        Assert.AreEqual(0, await client.ConnectAsync("a", "kitchen", "secret"));

        File.WriteAllText(Crl, RevokedCertificatesTests.CrlOf(house.Certificates, own));

        await client.ExpectEndAsync();
        Assert.Contains(static line => line.Contains("its certificate is not taken any more", StringComparison.Ordinal), house.Log.Lines);
    }

    [TestMethod]
    public async Task Mapping_NamesAnotherUserAfterAReload_TheClientHasToComeAgainAndIsThatOne()
    {
        static void Settings(GatewayOptions options, string user)
        {
            options.Tls.ClientCertificates = ClientCertificates.Accepted;
            options.Tls.CertificateUsers["board 7"] = user;
            foreach (string name in new[] { "kitchen", "garden" })
            {
                options.Security.Users[name] = "secret";
                options.Security.ClientIds[name] = ["of-" + name];
            }
        }

        await using TestHouse house = await TestHouse.StartAsync(static o => Settings(o, "kitchen"));
        using X509Certificate2 board = house.ClientCertificate("board 7");
        await using SslStream before = await house.ConnectAsync(own: board);
        Assert.AreEqual(0, await before.Connect5Async("of-kitchen"));
        await using SslStream byPassword = await house.ConnectAsync();
        Assert.AreEqual(0, await byPassword.ConnectAsync("of-garden", "garden", "secret"));
        GatewayOptions next = new();
        Settings(next, "garden");

        house.Host.Use(house.Options, next);

        Assert.AreEqual(ReasonCode.AdministrativeAction, await before.DisconnectedAsync());
        await byPassword.PingAsync();
        await byPassword.DisposeAsync();
        await using SslStream wrong = await house.ConnectAsync(own: board);
        Assert.AreEqual(5, await wrong.ConnectAsync("of-kitchen"), "it is the other user's");
        await using SslStream after = await house.ConnectAsync(own: board);
        Assert.AreEqual(0, await after.ConnectAsync("of-garden"));
    }

    [TestMethod]
    public void Chain_OneAboveHasEnded_NotTakenWhereTheClockIsBelieved()
    {
        CertificateFolder folder = new(_folder);
        folder.Create(["localhost"], [], TimeProvider.System.GetUtcNow());
        using TestAuthority authority = new(folder, life: TimeSpan.FromDays(10));
        ClientChain chain = ChainOf(authority, authority.Client("kitchen"));
        RevokedCertificates none = new([], crlFile: null);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();

        Assert.IsNull(chain.WhyNot(none, now));
        Assert.IsNull(chain.WhyNot(none, now: null), "nobody knows the time");
        Assert.IsNotNull(chain.WhyNot(none, now.AddDays(11)));
    }

    /// <summary><c>cat old.pem new.pem > clients.pem</c>, and a look between the two writes.</summary>
    [TestMethod]
    public void Authorities_ReadInTheMiddleOfTheirWriting_NobodyEndsBeforeASecondLook()
    {
        CertificateFolder folder = new(_folder);
        folder.Create(["localhost"], [], TimeProvider.System.GetUtcNow());
        using TestAuthority authority = new(folder);
        using TestAuthority other = new(folder);
        string file = Path.Combine(_folder, "clients.pem");
        string both = other.Between.ExportCertificatePem() + "\n" + authority.Root.ExportCertificatePem();
        File.WriteAllText(file, both);
        RecordingLog log = new();
        TlsFiles files = new(new TlsOptions { ClientCertificates = ClientCertificates.Accepted, ClientCaFile = file }, _folder, log);
        int ends = 0;
        CertifiedClients certified = new(files, log, new FakeTime()) { Review = () => ends++ };
        certified.Add("board", ChainOf(authority, authority.Client("kitchen")), new IPEndPoint(IPAddress.Loopback, 1), static () => { });

        foreach (string content in new[] { other.Between.ExportCertificatePem(), both, other.Between.ExportCertificatePem() })
        {
            File.WriteAllText(file, content);
            Assert.IsTrue(files.Look());
            certified.EndUntaken(now: null);
            Assert.AreEqual(0, ends);
        }

        Assert.IsTrue(files.Look());
        certified.EndUntaken(now: null);
        Assert.AreEqual(1, ends);
        Assert.IsFalse(files.Look(), "nothing is new");
    }

    [TestMethod]
    public void Authority_RenewedWithItsNameAndKey_ClientsOfTheFormerStayBeyondItsEnd()
    {
        CertificateFolder folder = new(_folder);
        folder.Create(["localhost"], [], TimeProvider.System.GetUtcNow());
        using TestAuthority authority = new(folder);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        CertificateRequest request = new(authority.Root.SubjectName, authority.Root.GetECDsaPrivateKey()!, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using X509Certificate2 former = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(5));
        ClientChain chain = ChainOf(authority, authority.Client("kitchen"), former);
        string file = Path.Combine(_folder, "clients.pem");
        File.WriteAllText(file, former.ExportCertificatePem());
        TlsFiles files = new(new TlsOptions { ClientCertificates = ClientCertificates.Accepted, ClientCaFile = file }, _folder, new RecordingLog());
        Assert.IsNull(files.Current.WhyNot(chain, now.AddDays(4)));
        Assert.IsNotNull(files.Current.WhyNot(chain, now.AddDays(6)));

        File.WriteAllText(file, authority.Root.ExportCertificatePem());

        Assert.IsTrue(files.Look());
        Assert.IsNull(files.Current.WhyNot(chain, now.AddDays(6)));
    }

    [TestMethod]
    public async Task Connection_ThatTheBrokerCannotClose_CutOffBehindTheTimeout()
    {
        CertificateFolder folder = new(_folder);
        folder.Create(["localhost"], [], TimeProvider.System.GetUtcNow());
        File.WriteAllText(Crl, RevokedCertificatesTests.CrlOf(folder));
        FakeTime time = new();
        RecordingLog log = new();
        TlsFiles files = new(new TlsOptions { ClientCertificates = ClientCertificates.Accepted, CrlFile = Crl }, _folder, log);
        int reviews = 0;
        CertifiedClients certified = new(files, log, time) { Review = () => reviews++ };
        using TestAuthority authority = new(folder);
        TaskCompletionSource lingers = new();
        bool isGoneCutOff = false;
        certified.Add("lingers", ChainOf(authority, authority.Client("kitchen")), new IPEndPoint(IPAddress.Loopback, 1), lingers.SetResult);
        certified.Add("closed", ChainOf(authority, authority.Client("kitchen")), new IPEndPoint(IPAddress.Loopback, 2), () => isGoneCutOff = true);
        File.WriteAllText(Crl, RevokedCertificatesTests.CrlOf(folder, authority.Between));
        Assert.IsTrue(files.Look());

        certified.EndUntaken(now: null);
        certified.EndUntaken(now: null);
        certified.Remove("closed");
        Assert.IsFalse(lingers.Task.IsCompleted, "the broker has its time");
        time.Advance(CertifiedClients.CloseTimeout);

        await lingers.Task.WaitAsync(Patience.Limit);
        Assert.IsFalse(isGoneCutOff);
        Assert.AreEqual(1, reviews);
    }

    private static ClientChain ChainOf(TestAuthority authority, X509Certificate2 own, X509Certificate2? root = null)
    {
        using X509Chain chain = new() { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        _ = chain.ChainPolicy.CustomTrustStore.Add(root ?? authority.Root);
        _ = chain.ChainPolicy.ExtraStore.Add(authority.Between);
        Assert.IsTrue(chain.Build(own));
        return ClientChain.Keep(own, chain, new ChainsAbove());
    }

    private void WithCrl(GatewayOptions options)
    {
        options.Tls.ClientCertificates = ClientCertificates.Accepted;
        options.Tls.CrlFile = Crl;
        options.Security.Users["kitchen"] = "secret";
        options.Security.ClientIds["kitchen"] = ["*"];
        File.WriteAllText(Crl, RevokedCertificatesTests.CrlOf(new CertificateFolder(options.Data)));
    }

    private static async Task<ClientWebSocket> WebSocketAsync(TestHouse house, X509Certificate2 own, X509Certificate2Collection between)
    {
        ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("mqtt");
        string expected = house.Certificates.ReadServer().Thumbprint;
        using HttpMessageInvoker over = new(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(own, between, offline: true),
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == expected,
            },
        });
        int port = house.Host.HttpOn.First(static on => on.IsTls).EndPoint.Port;
        await socket.ConnectAsync(new Uri($"wss://localhost:{port}/mqtt"), over, CancellationToken.None).WaitAsync(Patience.Limit);
        System.Buffers.ArrayBufferWriter<byte> bytes = new();
        new ConnectPacket { ClientId = "w", CleanStart = true }.Write(bytes);
        await socket.SendAsync(bytes.WrittenMemory, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        byte[] connAck = new byte[4];
        Assert.AreEqual(4, (await socket.ReceiveAsync(connAck, CancellationToken.None).WaitAsync(Patience.Limit)).Count);
        Assert.AreEqual(0, connAck[3]);
        return socket;
    }
}
