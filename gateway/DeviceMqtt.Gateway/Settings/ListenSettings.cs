using System.Net;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>Where the gateway listens, read from the settings.</summary>
/// <param name="Mqtt">Addresses for MQTT over TCP.</param>
/// <param name="Http">Address for HTTP; null when it is off.</param>
internal sealed record ListenSettings(IReadOnlyList<IPEndPoint> Mqtt, IPEndPoint? Http)
{
    private const string DefaultMqtt = "127.0.0.1:1883";

    /// <exception cref="SettingException">An address is none.</exception>
    public static ListenSettings Parse(GatewayOptions options)
    {
        IEnumerable<string> mqtt = options.Listen.Count == 0 ? [DefaultMqtt] : options.Listen;
        bool isHttpOff = string.Equals(options.Http, "off", StringComparison.OrdinalIgnoreCase);
        return new ListenSettings(
            [.. mqtt.Select(static address => ListenAddress.Parse(nameof(GatewayOptions.Listen), address))],
            isHttpOff ? null : ListenAddress.Parse(nameof(GatewayOptions.Http), options.Http));
    }
}
