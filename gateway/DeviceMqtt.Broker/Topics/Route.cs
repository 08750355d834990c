using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Topics;

/// <summary>What the broker knows of one Topic Name: who gets its messages, as of one version of the <see cref="TopicTree"/>.</summary>
internal sealed class Route(string topic, byte[] topicUtf8, string? p2pTarget)
{
    public string Topic { get; } = topic;

    public byte[] TopicUtf8 { get; } = topicUtf8;

    /// <inheritdoc cref="TopicTree.PlaceOf"/>
    public int Place { get; } = TopicTree.PlaceOf(topic);

    /// <summary>The Client Identifier that the topic names, <c>{parent}/p2p/{clientId}</c>; null for ordinary topics.</summary>
    public string? P2PTarget { get; } = p2pTarget;

    private const string BridgeRoot = "$SYS/broker/connection/";
    private const string BridgeState = "/state";

    /// <summary>
    /// A topic that belongs to the gateway: clients may read it and not write it. Bridges of mosquitto tell on one of them whether they are connected. And one below <c>$share/</c>: no
    /// subscription can name it.
    /// </summary>
    public bool IsReserved { get; } = (IsOf("$SYS", topic) && !IsStateOfBridge(topic)) || IsOf("$gw", topic) || IsOf("$share", topic);

    /// <summary>What is retained on it is made when somebody asks (<c>$gw/presence/</c>).</summary>
    public bool IsMadeWhenAsked { get; } = PresenceTopic.TryParseGateway(topic, out _);

    /// <summary>The client or device of which messages on this topic say that it is one: presence or birth; null for other topics.</summary>
    public string? Announces { get; } = PresenceTopic.TryParse(topic, out string clientId) ? clientId : DeviceTopic.Parse(topic) is { Kind: DeviceTopicKind.Info } info ? info.Device : null;

    /// <summary>What the one who looks on (<see cref="Ports.IMessageWatch"/>) has noted of the topic; null before it did.</summary>
    public object? Note { get; set; }

    /// <summary>Those messages are births.</summary>
    public bool IsBirth { get; } = !PresenceTopic.TryParse(topic, out _) && DeviceTopic.Parse(topic) is { Kind: DeviceTopicKind.Info };

    /// <summary>The relay wants the messages of this topic.</summary>
    public bool IsRelayed { get; set; }

    /// <summary>Its messages of QoS 0 and 1 are never written to the disk (<see cref="TopicRule.Durable"/>).</summary>
    public bool IsVolatile { get; set; }

    /// <summary>Which rules <see cref="IsRelayed"/> and <see cref="IsVolatile"/> are of, counted by the <see cref="RouteCache"/>.</summary>
    public long Rules { get; set; }

    /// <summary>Whose rights were asked last whether they let a client publish here, and <see cref="LetsIn"/> is what they said; null before.</summary>
    public object? AskedBy { get; set; }

    /// <inheritdoc cref="AskedBy"/>
    public bool LetsIn { get; set; }

    public Recipient[] Recipients { get; private set; } = [];

    public SharedGroup[] Groups { get; private set; } = [];

    /// <summary>It is in the cache: whoever remembers it asks, for one that is not is worth no memory.</summary>
    public bool IsCached { get; set; }

    /// <summary>The version of the tree, at its place, that <see cref="Recipients"/> are of.</summary>
    public long Version { get; private set; }

    // $SYS/broker/connection/{Client Identifier of the bridge}/state
    private static bool IsStateOfBridge(string topic) =>
        topic.StartsWith(BridgeRoot, StringComparison.Ordinal) && topic.EndsWith(BridgeState, StringComparison.Ordinal)
        && topic.Length > BridgeRoot.Length + BridgeState.Length && !topic[BridgeRoot.Length..^BridgeState.Length].Contains('/', StringComparison.Ordinal);

    /// <summary>Whom it leads to has to be found anew.</summary>
    public void Forget() => Update(version: 0, [], []);

    public void Update(long version, Recipient[] recipients, SharedGroup[] groups)
    {
        Version = version;
        Recipients = recipients;
        Groups = groups;
    }

    // The name itself, too: who subscribes to what is below it has that.
    private static bool IsOf(string tree, string topic) => topic.StartsWith(tree, StringComparison.Ordinal) && (topic.Length == tree.Length || topic[tree.Length] == '/');
}
