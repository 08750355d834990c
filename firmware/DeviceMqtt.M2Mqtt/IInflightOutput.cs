using DeviceMqtt.Protocol;

namespace nanoFramework.M2Mqtt;

/// <summary>Where the queue sends packets and tells what became of messages.</summary>
internal interface IInflightOutput
{
    /// <summary>Sends a whole packet.</summary>
    void Send(byte[] packet);

    /// <summary>Sends PUBACK, PUBREC, PUBREL or PUBCOMP.</summary>
    void SendAck(PacketType type, ushort packetId);

    /// <summary>A message arrived; it has been acknowledged.</summary>
    void RaiseReceived(InflightMessage message);

    /// <summary>A message was acknowledged or given up.</summary>
    void RaisePublished(ushort packetId, bool isPublished);
}
