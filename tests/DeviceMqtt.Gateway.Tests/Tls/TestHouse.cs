using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>A gateway with certificates of its own, as <c>cert init</c> makes them, on free ports of the loopback.</summary>
internal sealed class TestHouse : IAsyncDisposable
{
    private static readonly string[] Names = ["localhost"];
    private static readonly IPAddress[] Addresses = [IPAddress.Loopback];
    private readonly GatewayHost _host;

    private TestHouse(GatewayOptions options, GatewayHost host, RecordingLog log)
    {
        string data = options.Data;
        Options = options;
        Data = data;
        Certificates = new CertificateFolder(data);
        _host = host;
        Log = log;
    }

    public string Data { get; }

    /// <summary>The settings that are in force.</summary>
    public GatewayOptions Options { get; }

    public CertificateFolder Certificates { get; }

    public RecordingLog Log { get; }

    public GatewayHost Host => _host;

    public IPEndPoint Secure => _host.MqttsEndPoints.First();

    public IPEndPoint Plain => _host.MqttEndPoints.First();

    /// <summary>A gateway with one listener of each kind.</summary>
    public static async Task<TestHouse> StartAsync(Action<GatewayOptions>? settings = null, TimeProvider? time = null, bool isRsa = false)
    {
        string data = Directory.CreateTempSubdirectory("devicemqtt-tls").FullName;
        new CertificateFolder(data).Create(Names, Addresses, TimeProvider.System.GetUtcNow(), isRsa);
        Directory.CreateDirectory(Path.Combine(data, GatewayHost.JournalFolder));
        GatewayOptions options = new() { Listen = ["127.0.0.1:0", "mqtts://127.0.0.1:0"], Http = "http://127.0.0.1:0,https://127.0.0.1:0", Data = data };
        settings?.Invoke(options);
        RecordingLog log = new();
        using ILoggerFactory loggers = new OneLog(log);
        GatewayHost host = GatewayHost.Create(options, loggers, time);
        await host.StartAsync();
        return new TestHouse(options, host, log);
    }

    public void Renew() => Certificates.Renew(Names, Addresses, TimeProvider.System.GetUtcNow());

    public void Rotate() => Certificates.Rotate(Names, Addresses, TimeProvider.System.GetUtcNow());

    public bool Forget() => Certificates.Forget(Names, Addresses, TimeProvider.System.GetUtcNow());

    /// <summary>A certificate for a client of this house.</summary>
    public X509Certificate2 ClientCertificate(string user)
    {
        (string certificate, string key, _) = Certificates.CreateClient(user, TimeProvider.System.GetUtcNow());
        return X509Certificate2.CreateFromPem(certificate, key);
    }

    /// <summary>A secure connection of a client that trusts these authorities alone.</summary>
    /// <exception cref="AuthenticationException">The client does not trust the gateway.</exception>
    public async Task<SslStream> ConnectAsync(X509Certificate2Collection? trusted = null, X509Certificate2? own = null, SslProtocols protocols = SslProtocols.None, byte[]? before = null, IPEndPoint? at = null, X509Certificate2Collection? between = null)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(at ?? Secure);
        if (before is not null)
            await socket.SendAsync(before);
        SslStream stream = new(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(trusted ?? Certificates.ReadAuthorities());
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = protocols,
                CertificateChainPolicy = policy,
                ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, between, offline: true),
            }).WaitAsync(Patience.Limit);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    private sealed class OneLog(ILogger log) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(ILoggerProvider provider)
        {
            // There is one log.
        }

        public void Dispose()
        {
            // Nothing is owned.
        }
    }
}
