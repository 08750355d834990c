namespace DeviceMqtt.Protocol;

/// <summary>The MQTT Control Packet types: the upper four bits of a packet's first byte (5.0, 2.1.2). Zero is forbidden.</summary>
public enum PacketType : byte
{
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,

    /// <summary>5.0 only; forbidden before.</summary>
    Auth = 15,
}
