using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Certificates of one's own: an authority, a client certificate, a server name.</summary>
[TestClass]
public sealed class RelayTlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("devicemqtt-tls-");
    private readonly X509Certificate2 _authority = Sign("test authority", issuer: null, isAuthority: true);
    private readonly TcpListener _listener = new(System.Net.IPAddress.Loopback, 0);

    public RelayTlsTests() => _listener.Start();

    [TestMethod]
    public async Task TLS_OwnAuthorityNameAndClientCertificate_Connected()
    {
        using X509Certificate2 client = Sign("gateway 1", _authority);
        using RSA key = client.GetRSAPrivateKey()!;
        RelayTlsOptions tls = new()
        {
            CaFile = Write("ca.pem", _authority.ExportCertificatePem()),
            CertificateFile = Write("gw.pem", client.ExportCertificatePem()),
            KeyFile = Write("gw.key", key.ExportPkcs8PrivateKeyPem()),
            ServerName = "broker.example",
        };
        Assert.IsNull(tls.Check("Relay"));
        Task<string?> serving = ServeAsync("broker.example");

        await using Stream stream = await Patience.Within(Dialer(tls).DialAsync(CancellationToken.None), "the handshake");

        Assert.AreEqual("CN=gateway 1", await Patience.Within(serving, "the client's certificate"));
    }

    [TestMethod]
    public async Task TLS_AnotherAuthority_Named()
    {
        using X509Certificate2 other = Sign("other authority", issuer: null, isAuthority: true);
        string file = Write("ca.pem", other.ExportCertificatePem());

        await AssertFailsAsync(new RelayTlsOptions { CaFile = file, ServerName = "broker.example" }, $"the certificate of the upstream is not signed by an authority in '{file}'");
    }

    [TestMethod]
    public async Task TLS_AnotherName_Named()
    {
        string file = Write("ca.pem", _authority.ExportCertificatePem());

        await AssertFailsAsync(new RelayTlsOptions { CaFile = file, ServerName = "elsewhere.example" }, "the certificate of the upstream is not for 'elsewhere.example'");
    }

    [TestMethod]
    public async Task TLS_Expired_Named()
    {
        string file = Write("ca.pem", _authority.ExportCertificatePem());

        await AssertFailsAsync(
            new RelayTlsOptions { CaFile = file, ServerName = "broker.example" },
            "the certificate of the upstream has expired, or is not valid yet by this machine's clock",
            isExpired: true);
    }

    [TestMethod]
    public async Task TLS_FileIsNoCertificate_Named()
    {
        RelayTlsOptions tls = new() { CertificateFile = Write("gw.pem", "nothing") };
        Task<string?> serving = ServeAsync("broker.example");

        UplinkException exception = await Assert.ThrowsExactlyAsync<UplinkException>(() => Dialer(tls).DialAsync(CancellationToken.None));

        Assert.AreEqual(UplinkEndReason.TlsFailed, exception.End.Reason);
        StringAssert.StartsWith(exception.End.Detail, "a file of Relay:Tls cannot be used: ", StringComparison.Ordinal);
        Assert.IsNull(await Patience.Within(serving, "the end of the connection"));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task AssertFailsAsync(RelayTlsOptions tls, string expected, bool isExpired = false)
    {
        Task<string?> serving = ServeAsync("broker.example", isExpired);

        UplinkException exception = await Assert.ThrowsExactlyAsync<UplinkException>(() => Dialer(tls).DialAsync(CancellationToken.None));

        Assert.AreEqual(new UplinkEnd(UplinkEndReason.TlsFailed, expected), exception.End);
        _ = await Patience.Within(serving, "the end of the handshake");
    }

    private UpstreamDialer Dialer(RelayTlsOptions tls) => new(UpstreamAddress.Parse($"mqtts://127.0.0.1:{((System.Net.IPEndPoint)_listener.LocalEndpoint).Port}"), tls);

    /// <returns>The subject of the client's certificate; null when there was none, or no handshake.</returns>
    private async Task<string?> ServeAsync(string name, bool isExpired = false)
    {
        using X509Certificate2 certificate = Sign(name, _authority, isExpired: isExpired);
        using TcpClient client = await _listener.AcceptTcpClientAsync();
        await using SslStream stream = new(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null, // which one, the test looks at
            });
            return stream.RemoteCertificate?.Subject;
        }
        catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
        {
            return null;
        }
    }

    private string Write(string name, string pem)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, pem);
        return path;
    }

    private static X509Certificate2 Sign(string name, X509Certificate2? issuer, bool isAuthority = false, bool isExpired = false)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name.Replace(' ', '-'));
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        if (issuer is null)
            return request.CreateSelfSigned(now.AddDays(-2), now.AddDays(2));
        using X509Certificate2 signed = request.Create(issuer, now.AddDays(-1), isExpired ? now.AddHours(-1) : now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
