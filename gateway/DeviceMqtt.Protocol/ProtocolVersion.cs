namespace DeviceMqtt.Protocol;

/// <summary>The protocol level of a connection, as CONNECT carries it (3.1.2.2 of every version).</summary>
public enum ProtocolVersion : byte
{
    /// <summary>MQTT 3.1, protocol name <c>MQIsdp</c>.</summary>
    V31 = 3,

    /// <summary>MQTT 3.1.1 (OASIS, ISO 20922), protocol name <c>MQTT</c>.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0, protocol name <c>MQTT</c>.</summary>
    V5 = 5,
}
