using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>
/// Which settings a gateway that runs takes over (<c>reload</c>, SIGHUP). All others count from the next start on: what was made with them is in
/// use, clients were told of them, or the disk is laid out by them.
/// </summary>
internal static class LiveSettings
{
    // Those that are read each time they are asked for. One that is copied when something is made does not belong here.
    private static readonly HashSet<string> Limits = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(GatewayLimits.ConnectionsMax), nameof(GatewayLimits.ConnectPacketBytesMax), nameof(GatewayLimits.ConnectSecondsMax), nameof(GatewayLimits.HandshakesMax),
        nameof(GatewayLimits.LoginsWaitingMax), nameof(GatewayLimits.KeepAliveSecondsMax), nameof(GatewayLimits.OutputStallSecondsMax), nameof(GatewayLimits.ClientIdBytesMax),
        nameof(GatewayLimits.SubscriptionsPerSessionMax), nameof(GatewayLimits.BridgeSubscriptionsMax), nameof(GatewayLimits.SharedFiltersPerUserMax), nameof(GatewayLimits.SessionsMax), nameof(GatewayLimits.SessionExpirySecondsMax),
        nameof(GatewayLimits.InflightMax), nameof(GatewayLimits.PublisherPauseMs), nameof(GatewayLimits.MailboxSecondsMax), nameof(GatewayLimits.CommandAnswerSecondsMax),
        nameof(GatewayLimits.ReceiptsPendingMax), nameof(GatewayLimits.RetainedMessagesMax), nameof(GatewayLimits.RetainedBytesMax), nameof(GatewayLimits.RouteCacheMax),
        nameof(GatewayLimits.RelayMessagesMax), nameof(GatewayLimits.RelayBytesMax), nameof(GatewayLimits.JournalPendingBytesMax), nameof(GatewayLimits.JournalFullBytesMax),
        nameof(GatewayLimits.RelayInflightMax), nameof(GatewayLimits.RelayAsideMessagesMax), nameof(GatewayLimits.RelayAsideBytesMax), nameof(GatewayLimits.RelayWaitingMax),
        nameof(GatewayLimits.RelayPauseMs), nameof(GatewayLimits.RelayConnectSecondsMax), nameof(GatewayLimits.RelayAckSecondsMax),
    };

    private static readonly string[] Relay = [nameof(RelayOptions.Rules), nameof(RelayOptions.Out), nameof(RelayOptions.BufferQoS0)];
    private static readonly string[] Tls = ["RevokedSerials", "CrlFile", "CertificateUsers"];

    /// <summary>The names of the limits that can change while the gateway runs.</summary>
    public static IReadOnlyCollection<string> LimitNames => Limits;

    /// <summary>Whether a change of it counts at once.</summary>
    /// <param name="key"><c>Section:Key</c>, as <see cref="SettingValues"/> has it.</param>
    public static bool IsLive(string key)
    {
        string[] names = key.Split(':');
        return names[0] switch
        {
            nameof(GatewayOptions.Security) => names[1] != "TrustedProxies", // what is behind a proxy was settled when the listeners were made
            nameof(GatewayOptions.Limits) => Limits.Contains(names[1]),
            nameof(GatewayOptions.Log) or nameof(GatewayOptions.Topics) => true,
            nameof(GatewayOptions.Trace) => names[1] == nameof(TraceOptions.BytesMax),
            nameof(GatewayOptions.Tls) => Tls.Contains(names[1]),
            nameof(GatewayOptions.Relay) => Relay.Contains(names[1]),
            nameof(GatewayOptions.Relays) => names.Length > 2 && Relay.Contains(names[2]),
            _ => false,
        };
    }
}
