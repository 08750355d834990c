namespace DeviceMqtt.Gateway.Watching;

/// <summary>One level of the topics that messages were seen on. Owned by the turn.</summary>
internal sealed class TopicNode(string level)
{
    public string Level => level;

    public Dictionary<string, TopicNode>? Children { get; set; }

    /// <summary>Messages on this very topic since somebody looks.</summary>
    public long Count { get; set; }

    /// <summary>Messages on it and below.</summary>
    public long CountBelow { get; set; }

    /// <summary>Topics that have messages, here and below.</summary>
    public int Topics { get; set; }

    public byte[]? Payload { get; set; }

    public int PayloadBytes { get; set; }

    public int QoS { get; set; }

    public bool IsRetained { get; set; }

    public long UnixMs { get; set; }
}
