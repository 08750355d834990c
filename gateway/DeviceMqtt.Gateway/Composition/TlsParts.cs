using DeviceMqtt.Broker;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>TLS put together: made where a listener wants it.</summary>
internal sealed class TlsParts
{
    private readonly TlsFiles _files;

    /// <exception cref="Broker.Words.SettingException">A file of section <c>Tls</c> is missing or cannot be used.</exception>
    public TlsParts(GatewayOptions options, MqttBroker broker, Func<DateTimeOffset?> believed, HandshakeLines lines, ILogger log, TimeProvider time)
    {
        TlsFiles files = _files = new(options.Tls, options.KeepsData ? options.Data : null, log);
        bool isOwn = options.KeepsData && options.Tls.CertificateFile.Length == 0;
        CertifiedClients certified = new(files, log, time) { Review = broker.ReviewAccess };
        Certificate = () => (files.CertificatePath, new DateTimeOffset(files.Current.Certificate.NotBefore).ToUnixTimeMilliseconds(), new DateTimeOffset(files.Current.Certificate.NotAfter).ToUnixTimeMilliseconds());
        Connections = new TlsConnections(files, new HandshakeGate(options.Limits, () => broker.SettledCount, time, lines), certified, options.Limits, log);
        Watch = new TlsWatch(files, certified, new CertificateRenewal(isOwn ? new CertificateFolder(options.Data) : null, log, time), believed, time);
    }

    /// <summary>Where the certificate in use is, from when on it is valid, and when it ends, in milliseconds since 1970.</summary>
    public Func<(string File, long FromUnixMs, long UntilUnixMs)> Certificate { get; }

    /// <summary>Why the certificate in use is not valid, as a sentence; null when it is.</summary>
    /// <param name="nowUnixMs">The time, in milliseconds since 1970.</param>
    public string? WhyNotValid(long nowUnixMs) => CertificateTimes.WhyNot(_files.Current.Certificate, DateTimeOffset.FromUnixTimeMilliseconds(nowUnixMs)) is { } why
        ? $"the certificate '{_files.CertificatePath}' {why}: clients that look at it do not connect with TLS ('cert show' says what to do)" : null;

    public TlsConnections Connections { get; }

    public TlsWatch Watch { get; }
}
