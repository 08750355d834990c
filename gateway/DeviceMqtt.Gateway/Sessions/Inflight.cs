using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Sessions;

/// <summary>
/// One message in flight. The message itself is kept only if it could have to be sent again on a later connection;
/// within one connection MQTT over TCP never resends [MQTT-4.4.0-1].
/// </summary>
internal struct Inflight
{
    public Message? Message;
    public uint[]? Identifiers;
    public InflightState State;
    public bool Retain;

    /// <summary>Sent on an earlier connection and not on this one yet.</summary>
    public bool IsDue;

    public readonly QoS QoS => State == InflightState.AwaitsPubAck ? QoS.AtLeastOnce : QoS.ExactlyOnce;
}
