using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>What a board is told of TLS: the certificate of the authority, and the port. Refuses what the board could not connect with.</summary>
internal sealed class DeviceTls
{
    private const int HostCharsMax = 253; // RFC 1035, section 2.3.4, without the length of the root
    private readonly GatewayOptions _options;
    private readonly ListenSettings _listen;
    private readonly CertificateFolder _folder;

    /// <summary>From the settings and certificates of a gateway.</summary>
    /// <param name="options">Its settings, with its data folder.</param>
    /// <param name="caFile">A certificate of an authority that somebody names; null for that of <c>cert init</c>.</param>
    /// <param name="isPlain">No TLS, although there is.</param>
    /// <exception cref="SettingException">An address of the settings is none.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public DeviceTls(GatewayOptions options, string? caFile = null, bool isPlain = false)
    {
        _options = options;
        _listen = ListenSettings.Parse(_options);
        _folder = new CertificateFolder(options.Data);
        bool isOwn = _folder.Exists && _listen.Secure.Count > 0 && _options.Tls.CertificateFile.Length == 0;
        if (!isPlain && caFile is not null)
            CaCertificate = File.ReadAllBytes(caFile);
        else if (!isPlain && isOwn)
            CaCertificate = Encoding.ASCII.GetBytes(_folder.ReadAuthorities()[0].ExportCertificatePem() + "\n"); // the newest alone: a board has no use for one on its way out
        Port = CaCertificate is null
            ? _listen.Plain is [{ Port: > 0 and var plain }, ..] ? plain : UpstreamAddress.PlainPort
            : _listen.Secure is [{ Port: > 0 and var secure }, ..] ? secure : UpstreamAddress.TlsPort;
    }

    /// <summary>PEM; null for a board without TLS.</summary>
    public byte[]? CaCertificate { get; }

    /// <summary>Where the board connects, when nobody says another.</summary>
    public int Port { get; }

    /// <summary>Why no board reaches the gateway as it listens now; null when one may.</summary>
    public string? WhyNotReached() => _listen.Mqtt.All(static on => IPAddress.IsLoopback(on.EndPoint.Address))
        ? "the gateway listens on this machine alone, so no board reaches it: set Listen to an address of the network (gateway/docs/how-to/network.md)" : null;

    /// <summary>Why a board could not connect; null when it could, as far as one can know here.</summary>
    /// <param name="host">By which the board finds the gateway.</param>
    /// <param name="port">The same.</param>
    public string? Check(string host, int port)
    {
        if (host.Length > HostCharsMax || !Ascii.IsValid(host) || Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic)
            return $"'host' is '{SafeText.Of(host, HostCharsMax)}'; it must be a host name or an IP address, by which the board finds the gateway";
        if (port is < 1 or > ushort.MaxValue)
            return $"'port' is {port}; it must be between 1 and {ushort.MaxValue}";
        bool isTls = CaCertificate is not null;
        if (_listen.HasTls && _listen.Mqtt.Any(on => on.EndPoint.Port == port && on.IsTls != isTls) && !_listen.Mqtt.Any(on => on.EndPoint.Port == port && on.IsTls == isTls))
            return isTls ? $"the gateway's port {port} is plain MQTT, and the board is to use TLS" : $"the gateway's port {port} wants TLS, and the board is to use none";
        if (!isTls)
            return null;
        X509Certificate2? certificate = _options.Tls.CertificateFile.Length > 0 ? First(_options.Tls.CertificateFile) : _folder.Exists ? _folder.ReadServer() : null;
        if (certificate is null)
            return null; // Somebody else's gateway, perhaps.
        if (!certificate.MatchesHostname(host))
            return $"the gateway's certificate does not have the name '{host}', so the board would not connect: 'cert renew --name {host}' adds it, or say --gateway with one that it has";
        return IsSignedBy(certificate, CaCertificate!) ? null : "the gateway's certificate is not signed by the authority of --tls-ca, so the board would not connect";
    }

    private static X509Certificate2? First(string file)
    {
        X509Certificate2Collection all = [];
        all.ImportFromPemFile(file);
        return all.Count > 0 ? all[0] : null;
    }

    private static bool IsSignedBy(X509Certificate2 certificate, byte[] authority)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPem(Encoding.ASCII.GetString(authority));
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid; // that is a matter of clocks
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        return chain.Build(certificate);
    }
}
