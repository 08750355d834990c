using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Relay.Sending;

/// <summary>Says which retained messages the upstream may keep, and learns which it has. Called inside a turn.</summary>
internal interface IRetainRule
{
    /// <summary>Whether the upstream may keep a retained message.</summary>
    bool MayRetain(Message message);

    /// <summary>The upstream has a message that was published with RETAIN here.</summary>
    void Acknowledged(Message message);
}
