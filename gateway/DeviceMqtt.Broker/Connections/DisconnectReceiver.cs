using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>DISCONNECT from a client: section 3.14.</summary>
internal sealed class DisconnectReceiver(GatewayLimits limits)
{
    public void Receive(MqttConnection connection, Session session, in Frame frame)
    {
        if (!DisconnectPacket.TryDecode(frame, connection.Version, out DisconnectPacket? packet, out MalformedReason reason))
        {
            connection.CloseMalformed(frame.Type, reason);
            return;
        }

        if (packet.SessionExpirySeconds is { } expiry)
        {
            // 5.0, section 3.14.2.2.2: a Session that was to end cannot be made to stay.
            if (session.ExpirySeconds == 0 && expiry != 0)
            {
                connection.Close(CloseReason.ProtocolError, "DISCONNECT sets a Session Expiry Interval that CONNECT had at 0", ReasonCode.ProtocolError);
                return;
            }

            session.ExpirySeconds = Math.Min(expiry, (uint)limits.SessionExpirySecondsMax);
        }

        // [MQTT-3.14.4-3]: the normal reason discards the Will; 0x04 and all that tell of an error leave it.
        connection.Close(packet.ReasonCode == ReasonCode.Success
            ? CloseReason.ClientDisconnected
            : CloseReason.ClientDisconnectedWithWill);
    }
}
