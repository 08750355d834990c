using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Settings;

/// <summary>What a kind of upstream cannot take. The relay keeps within it, and says so in the log once per start.</summary>
internal sealed record UpstreamProfile(string Name)
{
    private static readonly UpstreamProfile Generic = new("generic");

    // Alibaba Cloud's MQTT service: no retained messages, no Will, topics of at most 64 characters; 20 messages a second are
    // what a client of the smallest instance may send.
    private static readonly UpstreamProfile Aliyun = new("aliyun")
    {
        HasRetain = false,
        HasWill = false,
        TopicCharsMax = 64,
        MessagesPerSecondMax = 20,
        PacketBytesMax = 64 * 1024,
        QoSMax = QoS.AtLeastOnce,
        Protocol = "3.1.1",
    };

    // AWS IoT Core: QoS 2 closes the connection, a payload has at most 128 KB, a SUBSCRIBE at most 8 filters, and a policy
    // has to allow RETAIN.
    private static readonly UpstreamProfile Aws = new("aws")
    {
        HasRetain = false,
        PacketBytesMax = 128 * 1024,
        QoSMax = QoS.AtLeastOnce,
        FiltersPerPacketMax = 8,
    };

    // NATS: no QoS 2; a topic with a space or a '.' is refused by closing the connection (seen with 2.9), and between the nodes of a cluster messages on
    // topics with '@' get lost (seen with 2.9: 12 of 45 arrived). The separator of our group identifiers has three of them.
    private static readonly UpstreamProfile Nats = new("nats")
    {
        QoSMax = QoS.AtLeastOnce,
        Protocol = "3.1.1",
        CharsNotInTopics = " @.",
        GroupSeparator = "===",
        SharesSessions = true,
        // A filter takes a node up to half a second (seen with 2.9), and what goes up waits behind the packet.
        FiltersPerPacketMax = 1,
        RequestsAtOnceMax = 1,
        AsksBehindMessages = true,
        P2PSubscription = RelayOptions.OneForAll,
    };

    public bool HasRetain { get; init; } = true;

    /// <summary>Characters that no topic may have there.</summary>
    public string CharsNotInTopics { get; init; } = "";

    /// <summary>What stands there for the <c>@@@</c> of group identifiers in topics; null for the same.</summary>
    public string? GroupSeparator { get; init; }

    public bool HasWill { get; init; } = true;

    /// <summary>All nodes have the same Sessions, whatever <see cref="RelayOptions.SharesSessions"/> says.</summary>
    public bool SharesSessions { get; init; }

    public int TopicCharsMax { get; init; } = ushort.MaxValue;

    /// <summary>0 for no bound.</summary>
    public int MessagesPerSecondMax { get; init; }

    /// <summary>Bytes of a packet; 268,435,460 is what four length bytes can say.</summary>
    public int PacketBytesMax { get; init; } = 268_435_460;

    public QoS QoSMax { get; init; } = QoS.ExactlyOnce;

    // Chosen for brokers without a bound of their own: a packet of a few KB, and 200 packets for the largest gateway.
    public int FiltersPerPacketMax { get; init; } = 100;

    /// <summary>SUBSCRIBE packets without an answer. Chosen: more than one, because a client that asks something upstream is to be subscribed before its question leaves.</summary>
    public int RequestsAtOnceMax { get; init; } = 4;

    /// <summary>A SUBSCRIBE leaves while nothing waits to go up, or now and then.</summary>
    public bool AsksBehindMessages { get; init; }

    /// <summary>What <see cref="RelayOptions.P2PSubscription"/> is where it is not set.</summary>
    public string P2PSubscription { get; init; } = RelayOptions.OneForEach;

    /// <summary>The one version there is; null to find out.</summary>
    public string? Protocol { get; init; }

    public static IReadOnlyList<UpstreamProfile> All { get; } = [Generic, Aliyun, Aws, Nats];

    public static UpstreamProfile? Find(string name) => All.FirstOrDefault(p => p.Name == name);

    /// <summary>Whether a topic, as it is called there, can be carried.</summary>
    public bool Carries(string topic) => topic.Length <= TopicCharsMax && ForbiddenAt(topic) < 0;

    /// <summary>A topic of this side, as it is called there.</summary>
    public string ToThere(string topic) => GroupSeparator is null ? topic : topic.Replace(RelayOptions.GroupSeparator, GroupSeparator, StringComparison.Ordinal);

    /// <summary>A topic of that side, as it is called here.</summary>
    public string ToHere(string topic) => GroupSeparator is null ? topic : topic.Replace(GroupSeparator, RelayOptions.GroupSeparator, StringComparison.Ordinal);

    /// <summary>Whether a name of this side is there one that means the same when it comes back, and that can be carried.</summary>
    public bool CarriesBothWays(string name) => Carries(ToThere(name)) && MeansTheSame(name);

    /// <summary>Whether a name of this side that goes there is the same when it comes back: where '===' stands for '@@@', one that has '===' itself would be another's.</summary>
    public bool MeansTheSame(string name) => ToHere(ToThere(name)) == name;

    /// <summary>Whether a name of that side is how one of this side is called there.</summary>
    public bool IsNameOfOurs(string there) => ToThere(ToHere(there)) == there;

    /// <summary>Why a part of a topic cannot be carried both ways, whatever stands around it; null when it can.</summary>
    public string? FaultOf(string name)
    {
        string there = ToThere(name);
        if (ForbiddenAt(there) is >= 0 and int at)
            return $"the profile {Name} carries no topic with '{there[at]}'";
        return MeansTheSame(name) ? null : $"with the profile {Name} '{GroupSeparator}' in a topic means '{RelayOptions.GroupSeparator}'";
    }

    // -1 for nowhere.
    private int ForbiddenAt(string there) => CharsNotInTopics.Length == 0 ? -1 : there.AsSpan().IndexOfAny(CharsNotInTopics);

    /// <summary>What the relay does differently there, for the log.</summary>
    public string Adaptations()
    {
        List<string> all = [];
        if (!HasRetain)
            all.Add("RETAIN is cleared");
        if (!HasWill)
            all.Add("no Will");
        if (TopicCharsMax < ushort.MaxValue)
            all.Add($"topics longer than {TopicCharsMax} characters stay here");
        if (GroupSeparator is not null)
            all.Add($"'{RelayOptions.GroupSeparator}' in topics is '{GroupSeparator}' there, in both directions");
        if (CharsNotInTopics.Length > 0)
            all.Add($"topics with {string.Join(" or ", CharsNotInTopics.Select(static c => $"'{c}'"))} stay here");
        if (MessagesPerSecondMax > 0)
            all.Add($"at most {MessagesPerSecondMax} messages/s");
        if (PacketBytesMax < 268_435_460)
            all.Add($"packets larger than {PacketBytesMax} bytes are dropped and counted");
        if (QoSMax < QoS.ExactlyOnce)
            all.Add($"QoS {(int)QoSMax} at most");
        if (AsksBehindMessages)
            all.Add("subscriptions are asked for one at a time, while nothing waits to go up");
        return string.Join(", ", all);
    }
}
