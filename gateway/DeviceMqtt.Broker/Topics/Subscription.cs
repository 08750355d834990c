using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>One Topic Filter of one subscriber, with its 5.0 options.</summary>
internal sealed class Subscription(Subscriber subscriber, TopicFilter filter)
{
    private Subscription? _asked;

    public Subscriber Subscriber { get; } = subscriber;

    public TopicFilter Filter { get; } = filter;

    public QoS QoS { get; set; }

    /// <summary>Never of a shared one [MQTT-3.8.3-4]: a message that is its turn is for nobody else.</summary>
    public bool NoLocal { get; set => field = value && !Filter.IsShared; }

    public bool RetainAsPublished { get; set; }

    /// <summary>5.0 Subscription Identifier; 0 for none.</summary>
    public uint Identifier { get; set; }

    /// <summary>
    /// The one that asked for what is retained, the rest of which is owed to this one: itself, unless it has taken the place of another with the same
    /// filter and asks for nothing anew.
    /// </summary>
    public Subscription Asked => _asked ?? this;

    /// <summary>It takes the place of another and asks for nothing that is retained.</summary>
    public void TakesOver(Subscription before) => _asked = before.Asked;
}
