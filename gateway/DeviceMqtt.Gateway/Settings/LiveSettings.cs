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

    private static readonly HashSet<string> Relay = new(StringComparer.OrdinalIgnoreCase) { nameof(RelayOptions.Rules), nameof(RelayOptions.Out), nameof(RelayOptions.BufferQoS0) };
    private static readonly HashSet<string> Tls = new(StringComparer.OrdinalIgnoreCase) { "RevokedSerials", "CrlFile", "CertificateUsers" };

    // By section, whether a setting of it counts at once. The case of a name does not count, as in a file.
    private static readonly Dictionary<string, Func<string[], bool>> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(GatewayOptions.Security)] = static names => !NameAt(names, 1).Equals("TrustedProxies", StringComparison.OrdinalIgnoreCase), // what is behind a proxy was settled when the listeners were made
        [nameof(GatewayOptions.Limits)] = static names => Limits.Contains(NameAt(names, 1)),
        [nameof(GatewayOptions.Log)] = static _ => true,
        [nameof(GatewayOptions.Topics)] = static _ => true,
        [nameof(GatewayOptions.Trace)] = static names => NameAt(names, 1).Equals(nameof(TraceOptions.BytesMax), StringComparison.OrdinalIgnoreCase),
        [nameof(GatewayOptions.Tls)] = static names => Tls.Contains(NameAt(names, 1)),
        [nameof(GatewayOptions.Relay)] = static names => Relay.Contains(NameAt(names, 1)),
        [nameof(GatewayOptions.Relays)] = static names => Relay.Contains(NameAt(names, 2)),
    };

    /// <summary>The names of the limits that can change while the gateway runs.</summary>
    public static IReadOnlyCollection<string> LimitNames => Limits;

    /// <summary>Whether a change of it counts at once.</summary>
    /// <param name="key"><c>Section:Key</c>, as <see cref="SettingValues"/> has it.</param>
    public static bool IsLive(string key)
    {
        string[] names = key.Split(':');
        return Sections.TryGetValue(names[0], out Func<string[], bool>? isLive) && isLive(names);
    }

    /// <summary>Where the values in force came from, once others were taken over.</summary>
    /// <param name="before">Of those that were in force.</param>
    /// <param name="next">Of those that were read.</param>
    public static IReadOnlyList<SettingSource> Sources(IEnumerable<SettingSource> before, IEnumerable<SettingSource> next) =>
        [.. before.Where(static source => !IsLive(source.Key)), .. next.Where(static source => IsLive(source.Key))];

    private static string NameAt(string[] names, int at) => at < names.Length ? names[at] : "";
}
