using System.Security.Cryptography.X509Certificates;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>What a board is told of TLS: the certificate of the authority, and the port. Refuses what the board could not connect with.</summary>
/// <param name="CaCertificate">PEM; null for a board without TLS.</param>
/// <param name="Port">Where the board connects, when nobody says another.</param>
internal sealed record DeviceTls(byte[]? CaCertificate, int Port)
{
    /// <summary>From the settings and certificates of a data folder.</summary>
    /// <param name="dataFolder">The gateway's.</param>
    /// <param name="configFile">Its settings; null for those in the data folder.</param>
    /// <param name="caFile">A certificate of an authority that somebody names; null for that of <c>cert init</c>.</param>
    /// <param name="isPlain">No TLS, although there is.</param>
    /// <exception cref="SettingException">The settings cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static DeviceTls Find(string dataFolder, string? configFile, string? caFile, bool isPlain)
    {
        GatewayOptions options = SettingsReader.Read(configFile ?? SettingsFile.FindIn(dataFolder), [], new Dictionary<string, string?>(StringComparer.Ordinal) { [nameof(GatewayOptions.Data)] = dataFolder });
        ListenSettings listen = ListenSettings.Parse(options);
        if (isPlain)
            return new DeviceTls(null, listen.Plain is [{ Port: > 0 and var plain }, ..] ? plain : UpstreamAddress.PlainPort);
        int port = listen.Secure is [{ Port: > 0 and var secure }, ..] ? secure : UpstreamAddress.TlsPort;
        if (caFile is not null)
            return new DeviceTls(File.ReadAllBytes(caFile), port);
        CertificateFolder folder = new(dataFolder);
        if (!folder.Exists || listen.Secure.Count == 0 || options.Tls.CertificateFile.Length > 0)
            return Find(dataFolder, configFile, caFile: null, isPlain: true);
        // The newest authority alone: a board has no use for the one that is on its way out.
        return new DeviceTls(Encoding.ASCII.GetBytes(folder.ReadAuthorities()[0].ExportCertificatePem() + "\n"), port);
    }

    /// <summary>Why a board could not connect; null when it could, as far as one can know here.</summary>
    /// <param name="dataFolder">The gateway's.</param>
    /// <param name="configFile">Its settings; null for those in the data folder.</param>
    /// <param name="host">By which the board finds the gateway.</param>
    /// <param name="port">The same.</param>
    public string? Check(string dataFolder, string? configFile, string host, int port)
    {
        GatewayOptions options = SettingsReader.Read(configFile ?? SettingsFile.FindIn(dataFolder), [], new Dictionary<string, string?>(StringComparer.Ordinal) { [nameof(GatewayOptions.Data)] = dataFolder });
        ListenSettings listen = ListenSettings.Parse(options);
        bool isTls = CaCertificate is not null;
        if (listen.HasTls && listen.Mqtt.Any(on => on.EndPoint.Port == port && on.IsTls != isTls) && !listen.Mqtt.Any(on => on.EndPoint.Port == port && on.IsTls == isTls))
            return isTls ? $"the gateway's port {port} is plain MQTT, and the board is to use TLS" : $"the gateway's port {port} wants TLS, and the board is to use none";
        if (!isTls)
            return null;
        CertificateFolder folder = new(dataFolder);
        X509Certificate2? certificate = options.Tls.CertificateFile.Length > 0 ? First(options.Tls.CertificateFile) : folder.Exists ? folder.ReadServer() : null;
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
