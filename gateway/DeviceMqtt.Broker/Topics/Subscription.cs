using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>One Topic Filter of one subscriber, with its 5.0 options.</summary>
internal sealed class Subscription(Subscriber subscriber, TopicFilter filter)
{
    public Subscriber Subscriber { get; } = subscriber;

    public TopicFilter Filter { get; } = filter;

    public QoS QoS { get; set; }

    public bool NoLocal { get; set; }

    public bool RetainAsPublished { get; set; }

    /// <summary>5.0 Subscription Identifier; 0 for none.</summary>
    public uint Identifier { get; set; }
}
