namespace DeviceMqtt.Broker.Flows;

/// <summary>Where the flow of one outbound Packet Identifier stands (3.1.1 section 4.3).</summary>
internal enum InflightState : byte
{
    Free = 0,
    AwaitsPubAck,
    AwaitsPubRec,
    AwaitsPubComp,

    /// <summary>A SUBSCRIBE or UNSUBSCRIBE of the gateway to its upstream: they share the Packet Identifiers [MQTT-2.3.1-2].</summary>
    AwaitsSubAck,
}
