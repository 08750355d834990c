using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;
using DeviceMqtt.Gateway.Certificates;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>Clients that connect over TLS and stay: full handshakes with a P-256 certificate, and what a connection takes that is silent then.</summary>
internal sealed class TlsRow : BenchmarkRow
{
    private const int Clients = 1_000;
    private const int UnderWayMax = 16;
    private const double SettleSeconds = 2;
    private const double ListenSecondsMax = 10;
    private const byte ConnAck = 0x20;

    public override string Name => "tls";

    public override string Group => "tls";

    public override string Title => $"{Clients:N0} clients that connect over TLS, {UnderWayMax} at a time";

    public override bool AsksLowLatency => true;

    public override bool HasCeiling => false;

    public override bool CanRun(Peer peer) => peer is GatewayPeer or MosquittoPeer;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-bench-tls-").FullName;
        List<SslStream> clients = [];
        try
        {
            CertificateFolder certificates = new(folder);
            certificates.Create(["localhost"], [IPAddress.Loopback], TimeProvider.System.GetUtcNow());
            X509ChainPolicy trusted = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trusted.CustomTrustStore.AddRange(certificates.ReadAuthorities());
            int port = FreePort();
            using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: true)
            {
                SecurePort = port,
                CertificateFile = certificates.PathOf(CertificateFolder.CertificateName),
            });
            using var loop = new LoadLoop();
            // The broker is known to listen on its plain port; this one may come a moment later.
            _ = loop.RunUntil(() => IsListening(port), ListenSecondsMax);
            clients.AddRange(ConnectAsync(port, first: 0, UnderWayMax * 4, settings.ProtocolLevel, trusted).GetAwaiter().GetResult());
            loop.RunFor(SettleSeconds);
            double residentBeforeKb = broker.ReadSettledKb();
            var window = new Window(broker);
            long started = Stopwatch.GetTimestamp();
            clients.AddRange(ConnectAsync(port, clients.Count, Clients, settings.ProtocolLevel, trusted).GetAwaiter().GetResult());
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            window.End();
            loop.RunFor(SettleSeconds);
            var measurement = new Measurement();
            measurement.Add("handshakes/s", MetricKind.Rate, Clients / seconds);
            measurement.Add("broker CPU, us per handshake", MetricKind.Cost, window.BrokerSeconds * 1e6 / Clients);
            measurement.Add("memory per connection, KB", MetricKind.Cost, (broker.ResidentKb - residentBeforeKb) / Clients);
            return measurement;
        }
        finally
        {
            foreach (SslStream client in clients)
                client.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<SslStream[]> ConnectAsync(int port, int first, int count, int protocolLevel, X509ChainPolicy trusted)
    {
        var clients = new SslStream[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = UnderWayMax }, async (i, _) => clients[i] = await ConnectOneAsync(port, first + i, protocolLevel, trusted));
        return clients;
    }

    private static async Task<SslStream> ConnectOneAsync(int port, int number, int protocolLevel, X509ChainPolicy trusted)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", AllowTlsResume = false, CertificateChainPolicy = trusted });
        await stream.WriteAsync(MqttBytes.Connect(protocolLevel, $"tls{number:00000}", MqttHandshake.KeepAliveSeconds));
        var answer = new byte[4];
        await stream.ReadExactlyAsync(answer);
        if (answer[0] != ConnAck || answer[3] != 0)
            throw new IOException($"a client was refused: {Convert.ToHexString(answer)}");
        return stream;
    }

    private static bool IsListening(int port)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
