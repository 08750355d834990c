using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP from a client: sections 3.4 to 3.7.</summary>
internal sealed class AckReceiver(BrokerState broker)
{
    /// <summary>The client acknowledges what it was sent.</summary>
    /// <returns>True when that made room for more.</returns>
    public static bool ReceiveAck(MqttConnection connection, Session session, in Frame frame)
    {
        if (!AckPacket.TryDecode(frame, connection.Version, out AckView ack, out MalformedReason reason))
        {
            connection.CloseMalformed(frame.Type, reason);
            return false;
        }

        switch (session.Acknowledge(frame.Type, ack.PacketId, isError: ack.Reason >= ReasonCode.UnspecifiedError, out Kept kept))
        {
            case AckOutcome.SendPubRel:
                connection.SendAck(kept, PacketType.PubRel, ack.PacketId);
                break;
            case AckOutcome.NoRoom:
                connection.FoundNoRoom = true; // PUBREC waits until there is some
                break;
            case AckOutcome.Complete:
                return true;
            case AckOutcome.Unknown when frame.Type == PacketType.PubRec && ack.Reason < ReasonCode.UnspecifiedError:
                // A client that kept more state than we did: let it finish its flow.
                connection.SendAck(Kept.NotNeeded, PacketType.PubRel, ack.PacketId, ReasonCode.PacketIdentifierNotFound);
                break;
            case AckOutcome.Unknown:
                break; // A late acknowledgement of an earlier connection does no harm.
            case AckOutcome.WrongKind:
                connection.Close(CloseReason.ProtocolError, $"{frame.Type} for Packet Identifier {ack.PacketId}, which waits for another acknowledgement", ReasonCode.ProtocolError);
                break;
        }

        return false;
    }

    /// <summary>The client releases a QoS 2 message that it published.</summary>
    public void ReceivePubRel(MqttConnection connection, Session session, in Frame frame)
    {
        if (!AckPacket.TryDecode(frame, connection.Version, out AckView ack, out MalformedReason reason))
        {
            connection.CloseMalformed(frame.Type, reason);
            return;
        }

        bool wasOpen = session.IsInboundOpen(ack.PacketId);
        Kept kept = wasOpen ? session.CloseInbound(ack.PacketId) : broker.Custody.KeptSoFar(); // the answer may repeat one whose record is still on its way
        if (kept.IsNoRoom)
        {
            // No reason code says so in PUBCOMP: PUBREL waits until there is some.
            connection.FoundNoRoom = true;
            return;
        }

        if (wasOpen)
            session.HasReleased();
        connection.SendAck(kept, PacketType.PubComp, ack.PacketId, wasOpen ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound);
    }
}
