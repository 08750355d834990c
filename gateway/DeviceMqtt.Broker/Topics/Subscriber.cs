namespace DeviceMqtt.Broker.Topics;

/// <summary>Who subscribes, as far as finding the way of a message has to know. Owned by the turn.</summary>
internal abstract class Subscriber(string clientId)
{
    public string ClientId { get; } = clientId;

    public abstract bool IsConnected { get; }

    /// <summary>Seconds that the Session lives on after its connection; 0 ends it together with the connection.</summary>
    public uint ExpirySeconds { get; set; }

    /// <summary>Its messages wait for it while it is away, and outlive the process.</summary>
    public bool IsDurable => ExpirySeconds != 0;

    /// <summary>Messages wait for it already.</summary>
    public abstract bool IsBacklogged { get; }

    /// <summary>Bytes of the largest packet that it takes on its present or last connection.</summary>
    public abstract int PacketBytesMax { get; }

    public abstract IReadOnlyCollection<Subscription> Subscriptions { get; }

    // Scratch of TopicTree.Match.
    public long MatchNumber { get; set; }

    public int MatchIndex { get; set; }
}
