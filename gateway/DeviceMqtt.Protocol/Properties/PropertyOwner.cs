namespace DeviceMqtt.Protocol;

/// <summary>Where properties stand: a packet, by the value of its <see cref="PacketType"/>, or the Will inside CONNECT (5.0, 2.2.2.2).</summary>
public enum PropertyOwner : byte
{
    Will = 0,
    Connect = PacketType.Connect,
    ConnAck = PacketType.ConnAck,
    Publish = PacketType.Publish,
    PubAck = PacketType.PubAck,
    PubRec = PacketType.PubRec,
    PubRel = PacketType.PubRel,
    PubComp = PacketType.PubComp,
    Subscribe = PacketType.Subscribe,
    SubAck = PacketType.SubAck,
    Unsubscribe = PacketType.Unsubscribe,
    UnsubAck = PacketType.UnsubAck,
    Disconnect = PacketType.Disconnect,
    Auth = PacketType.Auth,
}
