using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Settings;

/// <summary>Section <c>Relay</c>, and each of <c>Relays</c>: one upstream, and how the gateway behaves towards it. gateway/docs/relay.md explains each.</summary>
internal sealed class RelayOptions
{
    // Chosen: far more than anybody needs, and with a topic behind it far less than the 65,535 bytes of a Topic Name.
    private const int NameBytesMax = 1024;

    /// <summary>Topic Names whose way upstream is remembered between two messages. Chosen as <see cref="GatewayLimits.RouteCacheMax"/>.</summary>
    public const int TopicsKnownMax = 10_000;

    /// <summary>Between group and device in a Client Identifier (<see cref="Wire.ClientId.TrySplitGroup"/>).</summary>
    public const string GroupSeparator = "@@@";

    public const string OneForEach = "device";
    public const string OneForAll = "gateway";
    public const string DefaultName = "upstream";
    public const string AutoProtocol = "auto";

    /// <summary>Names the upstream on <c>$SYS</c>, in the log, and its backlog on disk.</summary>
    public string Name { get; set; } = DefaultName;

    /// <summary><c>mqtt://user:password@host:1883</c>, or <c>mqtts://</c>: the nodes of one broker, tried in turn.</summary>
    public List<string> Addresses { get; set; } = [];

    /// <summary><c>auto</c> (5.0 first, then 3.1.1 as a bridge, then as a plain client), <c>5.0</c> or <c>3.1.1</c>.</summary>
    public string Protocol { get; set; } = AutoProtocol;

    /// <summary>The kind of upstream: <c>generic</c>, <c>aliyun</c>, <c>aws</c> or <c>nats</c> (<see cref="UpstreamProfile"/>).</summary>
    public string Profile { get; set; } = "generic";

    /// <summary>
    /// Whether all of <see cref="Addresses"/> have the same Sessions, as the nodes of a cluster do. Where they do not, QoS 2 messages go at
    /// QoS 1 from the first change of the node on, and again after a restart: then none is taken for an older one.
    /// </summary>
    public bool SharesSessions { get; set; }

    /// <summary>For addresses that name no user.</summary>
    public string UserName { get; set; } = "";

    /// <summary>Of <see cref="UserName"/>.</summary>
    public string Password { get; set; } = "";

    public AliyunSignature Aliyun { get; set; } = new();

    public RelayTlsOptions Tls { get; set; } = new();

    /// <summary>Which topics cross, and how; instead of <see cref="Out"/> when any of them goes out.</summary>
    public List<RelayRule> Rules { get; set; } = [];

    /// <summary>Whether P2P messages cross.</summary>
    public bool P2P { get; set; } = true;

    /// <summary>
    /// <c>device</c>: the gateway subscribes to <c>+/p2p/{clientId}</c> upstream for each of its devices. <c>gateway</c>: to
    /// <c>{ClientId}/p2p/+</c> alone, for upstreams where subscriptions are dear; whoever commands a device names its gateway.
    /// Empty for what the profile says: <c>gateway</c> for <c>nats</c>, <c>device</c> for the others.
    /// </summary>
    public string P2PSubscription { get; set; } = "";

    /// <summary>One subscription brings the P2P messages of all devices.</summary>
    public bool HasOneForAll => (P2PSubscription.Length > 0 ? P2PSubscription : UpstreamProfile.Find(Profile)!.P2PSubscription) == OneForAll;

    /// <summary>Connections to the upstream that hold the Will of a device; 0 for none.</summary>
    public int DeviceWillsMax { get; set; } = 100;

    /// <summary>Messages sent in a second, whatever they are; 0 for no bound but that of the profile.</summary>
    public int MessagesPerSecondMax { get; set; }

    /// <summary>Messages sent in a second of those that had to wait for the connection, class High excepted; 0 for no bound.</summary>
    public int ReplayPerSecondMax { get; set; }

    /// <summary>Bytes of the largest packet that the upstream takes; 0 for what the profile and a 5.0 upstream say.</summary>
    public int PacketBytesMax { get; set; }

    /// <summary>The gateway's Client Identifier upstream. Two gateways on one upstream need two.</summary>
    [DefaultValue("devicemqtt-MACHINE")]
    public string ClientId { get; set; } = DefaultClientId(Environment.MachineName);

    /// <summary>Seconds between two PINGREQ, and the Keep Alive told to the upstream.</summary>
    public int KeepAliveSeconds { get; set; } = 30;

    /// <summary>Topic Filters of what goes upstream; <c>#</c> when none is given, which leaves out topics that begin with <c>$</c>.</summary>
    public List<string> Out { get; set; } = [];

    /// <summary>Whether QoS 0 messages wait for the upstream like the others. Off, they pass while it is connected and are dropped otherwise.</summary>
    public bool BufferQoS0 { get; set; } = true;

    /// <summary>Stands before every topic upstream, P2P topics excepted; empty, or ending with <c>/</c>.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Milliseconds before the second try to connect; doubled for each further one.</summary>
    public int BackoffMinMs { get; set; } = 500;

    /// <summary>The most milliseconds between two tries.</summary>
    public int BackoffMaxMs { get; set; } = 30_000;

    /// <summary>A text that is another where the Session upstream may be another: for another Client Identifier, or other addresses. Without secrets.</summary>
    public string Where() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Addresses.Select(static a => UpstreamAddress.Parse(a).ToString()).Order(StringComparer.Ordinal).Prepend(ClientId)))))[..16];

    /// <summary>Whether the same messages cross, in the same way.</summary>
    public bool HasSameRules(RelayOptions other) =>
        BufferQoS0 == other.BufferQoS0 && Out.SequenceEqual(other.Out, StringComparer.Ordinal) && Rules.Count == other.Rules.Count && Rules.Zip(other.Rules).All(static pair => pair.First.IsSameAs(pair.Second));

    /// <summary>The setting that has an impossible value, as a sentence that names it; null when all are possible.</summary>
    /// <param name="section">Where these settings stand.</param>
    public string? Check(string section = "Relay")
    {
        if (ClientIdRules.Check(ClientId, NameBytesMax) is { } wrongId)
            return $"{section}:ClientId is '{ClientId}': {wrongId}";
        // The identifier is the last level of the gateway's own presence topic.
        if (!Wire.ClientId.IsAddressable(ClientId))
            return $"{section}:ClientId is '{ClientId}'; it must be a single topic level";
        if (!Wire.DeviceTopic.IsName(Name))
            return $"{section}:Name is '{Name}'; it must be a single topic level";
        if (KeepAliveSeconds is < 1 or > ushort.MaxValue)
            return $"{section}:KeepAliveSeconds is {KeepAliveSeconds}; it must be between 1 and {ushort.MaxValue}";
        if (BackoffMinMs is < 10 or > 3_600_000)
            return $"{section}:BackoffMinMs is {BackoffMinMs}; it must be between 10 and 3600000";
        if (BackoffMaxMs < BackoffMinMs || BackoffMaxMs > 24 * 3_600_000)
            return $"{section}:BackoffMaxMs is {BackoffMaxMs}; it must be between {section}:BackoffMinMs ({BackoffMinMs}) and 86400000";
        if (DeviceWillsMax is < 0 or > 100_000)
            return $"{section}:DeviceWillsMax is {DeviceWillsMax}; it must be between 0 and 100000";
        foreach ((string name, int value) in new[] { (nameof(MessagesPerSecondMax), MessagesPerSecondMax), (nameof(ReplayPerSecondMax), ReplayPerSecondMax), (nameof(PacketBytesMax), PacketBytesMax) })
            if (value < 0)
                return $"{section}:{name} is {value}; it must be 0 or more";
        return CheckUpstream(section) ?? CheckNames(section) ?? CheckPrefix(section) ?? CheckOut(section) ?? (Rules.Count == 0 && Out.Count == 0 && Prefix.Length == 0 ? null : RelayRules.Check(Rules, Out, Prefix, ClientId, UpstreamProfile.Find(Profile)!, section)); // there are none, at most starts
    }

    private string? CheckUpstream(string section)
    {
        if (Protocol is not (AutoProtocol or "5.0" or "3.1.1"))
            return $"{section}:Protocol is '{Protocol}'; it must be auto, 5.0 or 3.1.1";
        if (P2PSubscription is not ("" or OneForEach or OneForAll))
            return $"{section}:P2PSubscription is '{P2PSubscription}'; it must be {OneForEach}, {OneForAll} or empty";
        if (UpstreamProfile.Find(Profile) is null)
            return $"{section}:Profile is '{Profile}'; it must be {string.Join(", ", UpstreamProfile.All.Select(static p => p.Name))}";
        if (Password.Length > 0 && UserName.Length == 0)
            return $"{section}:Password is given without {section}:UserName"; // [MQTT-3.1.2-22]
        if (Aliyun.IsSet && (Aliyun.AccessKey.Length == 0 || Aliyun.Secret.Length == 0 || Aliyun.Instance.Length == 0))
            return $"{section}:Aliyun needs all of AccessKey, Secret and Instance";
        return Tls.Check(section);
    }

    // In the gateway's own presence, its Will and its subscriptions. A length is said where the topic is made.
    private string? CheckNames(string section)
    {
        UpstreamProfile profile = UpstreamProfile.Find(Profile)!;
        if (profile.FaultOf(ClientId) is { } wrongId)
            return $"{section}:ClientId is '{ClientId}' and stands in topics: {wrongId}";
        return profile.FaultOf(Prefix) is { } wrongPrefix ? $"{section}:Prefix is '{Prefix}': {wrongPrefix}" : null;
    }

    /// <summary><c>devicemqtt-</c> and the name of the machine, with nothing in it that an upstream could refuse.</summary>
    public static string DefaultClientId(string machineName)
    {
        string cleaned = string.Concat(machineName.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
        return "devicemqtt-" + (cleaned.Length == 0 ? "gateway" : cleaned);
    }

    private string? CheckPrefix(string section)
    {
        if (Prefix.Length == 0)
            return null;
        if (!Prefix.EndsWith('/') || Prefix.StartsWith('$'))
            return $"{section}:Prefix is '{Prefix}'; it must end with / and not begin with $";
        if (Encoding.UTF8.GetByteCount(Prefix) > NameBytesMax)
            return $"{section}:Prefix has more than {NameBytesMax} bytes";
        return TopicName.TryParse(Prefix, out _, out MalformedReason reason) ? null : $"{section}:Prefix is '{Prefix}': {reason.ToText()}";
    }

    private string? CheckOut(string section)
    {
        if (Out.Count > 0 && Rules.Exists(static rule => rule.Direction == RelayDirection.Out))
            return $"{section}:Out and {section}:Rules both say what goes out; one of them must";
        for (int i = 0; i < Out.Count; i++)
        {
            if (!TopicFilter.TryParse(Out[i], out TopicFilter filter, out MalformedReason reason))
                return $"{section}:Out:{i} is '{Out[i]}': {reason.ToText()}";
            if (filter.IsShared)
                return $"{section}:Out:{i} is '{Out[i]}'; a shared subscription is not for the relay";
        }

        return null;
    }
}
