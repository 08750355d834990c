using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>Where the gateway listens, read from the settings.</summary>
/// <param name="Mqtt">Addresses for MQTT, over TCP or TLS.</param>
/// <param name="Http">Addresses for HTTP and HTTPS; none when it is off.</param>
internal sealed record ListenSettings(IReadOnlyList<ListenOn> Mqtt, IReadOnlyList<ListenOn> Http)
{
    public const string DefaultMqtt = "127.0.0.1:1883";

    /// <summary>Addresses for MQTT over TCP alone.</summary>
    public IReadOnlyList<IPEndPoint> Plain => [.. Mqtt.Where(static on => !on.IsTls).Select(static on => on.EndPoint)];

    /// <summary>Addresses for MQTT over TLS.</summary>
    public IReadOnlyList<IPEndPoint> Secure => [.. Mqtt.Where(static on => on.IsTls).Select(static on => on.EndPoint)];

    /// <summary>A certificate is needed.</summary>
    public bool HasTls => Mqtt.Concat(Http).Any(static on => on.IsTls);

    /// <exception cref="SettingException">An address is none.</exception>
    public static ListenSettings Parse(GatewayOptions options)
    {
        IEnumerable<string> mqtt = options.Listen.Count == 0 ? [DefaultMqtt] : options.Listen;
        bool isHttpOff = string.Equals(options.Http, "off", StringComparison.OrdinalIgnoreCase);
        ListenSettings settings = new(
            [.. mqtt.Select(static address => ListenAddress.Parse(nameof(GatewayOptions.Listen), address, "mqtt", "mqtts"))],
            isHttpOff ? [] : [.. options.Http.Split(',', StringSplitOptions.TrimEntries).Select(static address => ListenAddress.Parse(nameof(GatewayOptions.Http), address, "http", "https"))]);
        settings.CheckAddresses();
        return settings;
    }

    // No two sockets have one address; port 0 is another one each time. Without LINQ and tuples, whose code each start would compile.
    private void CheckAddresses()
    {
        for (int i = 1; i < Mqtt.Count + Http.Count; i++)
            for (int j = 0; j < i; j++)
                if (EndPointAt(i) is { Port: > 0 } address && address.Equals(EndPointAt(j)))
                    throw new SettingException($"{SettingAt(i)} has the address {address}, which {SettingAt(j)} has, too: each listener needs one of its own");
    }

    private IPEndPoint EndPointAt(int i) => (i < Mqtt.Count ? Mqtt[i] : Http[i - Mqtt.Count]).EndPoint;

    private string SettingAt(int i) => i < Mqtt.Count ? $"{nameof(GatewayOptions.Listen)}:{i}" : nameof(GatewayOptions.Http);
}
