using DeviceMqtt.Gateway.Sessions;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Routing;

/// <summary>One Topic Filter of one Session, with its 5.0 options.</summary>
internal sealed class Subscription(Session session, TopicFilter filter)
{
    public Session Session { get; } = session;

    public TopicFilter Filter { get; } = filter;

    public QoS QoS { get; set; }

    public bool NoLocal { get; set; }

    public bool RetainAsPublished { get; set; }

    /// <summary>5.0 Subscription Identifier; 0 for none.</summary>
    public uint Identifier { get; set; }
}
