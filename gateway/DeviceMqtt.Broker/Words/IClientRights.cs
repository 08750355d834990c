namespace DeviceMqtt.Broker.Words;

/// <summary>
/// What one client may do with topics: made when it is let in (<see cref="Ports.Admission.Rights"/>), and the same for as long as its
/// connection lasts. Called inside a turn, for nearly each message: must not wait, and should not allocate. It is asked about the
/// client's own P2P topic and receipts like about any other; rights that are the gateway's own (<c>$SYS</c>, commands) come before it.
/// </summary>
public interface IClientRights
{
    /// <summary>False once the client would not be let in like this any more: <see cref="MqttBroker.ReviewAccess"/> ends its connection.</summary>
    bool IsCurrent { get; }

    /// <summary>Whether the client may publish to a topic, or have its Will published there.</summary>
    bool MayPublish(string topicName);

    /// <summary>Whether the client may have every topic that a filter matches.</summary>
    /// <param name="topicFilter">A Topic Filter, without <c>$share/name/</c>.</param>
    bool MaySubscribe(string topicFilter);

    /// <summary>Whether the client may have a message of a topic that waited for it: what it may may have changed meanwhile.</summary>
    bool MayReceive(string topicName);
}
