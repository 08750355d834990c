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
        // No two sockets have one address; port 0 is another one each time.
        List<(string Setting, IPEndPoint At)> all = [.. settings.Mqtt.Select(static (on, i) => ($"{nameof(GatewayOptions.Listen)}:{i}", on.EndPoint)), .. settings.Http.Select(static on => (nameof(GatewayOptions.Http), on.EndPoint))];
        for (int i = 1; i < all.Count; i++)
            if (all[i].At.Port > 0 && all.FindIndex(0, i, other => other.At.Equals(all[i].At)) is >= 0 and var first)
                throw new SettingException($"{all[i].Setting} has the address {all[i].At}, which {all[first].Setting} has, too: each listener needs one of its own");
        return settings;
    }
}
