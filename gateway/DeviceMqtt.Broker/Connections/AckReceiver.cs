using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP from a client: sections 3.4 to 3.7.</summary>
internal sealed class AckReceiver(BrokerState broker)
{
    /// <summary>The client acknowledges what it was sent.</summary>
    public void ReceiveAck(MqttConnection connection, Session session, in Frame frame)
    {
        if (!AckPacket.TryDecode(frame, connection.Version, out AckView ack, out MalformedReason reason))
        {
            connection.CloseMalformed(frame.Type, reason);
            return;
        }

        switch (session.Acknowledge(frame.Type, ack.PacketId, isError: ack.Reason >= ReasonCode.UnspecifiedError))
        {
            case AckOutcome.SendPubRel:
                broker.Turn.Gate.Require(broker.Custody.LastPosition);
                connection.Output.WaitForRequired();
                connection.SendAck(PacketType.PubRel, ack.PacketId);
                break;
            case AckOutcome.Complete:
                if (session.IsBacklogged)
                    session.Pump(broker.Turn.NowMs);
                break;
            case AckOutcome.Unknown when frame.Type == PacketType.PubRec && ack.Reason < ReasonCode.UnspecifiedError:
                // A client that kept more state than we did: let it finish its flow.
                connection.SendAck(PacketType.PubRel, ack.PacketId, ReasonCode.PacketIdentifierNotFound);
                break;
            case AckOutcome.Unknown:
                break; // A late acknowledgement of an earlier connection does no harm.
            case AckOutcome.WrongKind:
                connection.Close(CloseReason.ProtocolError, $"{frame.Type} for Packet Identifier {ack.PacketId}, which waits for another acknowledgement", ReasonCode.ProtocolError);
                break;
        }
    }

    /// <summary>The client releases a QoS 2 message that it published.</summary>
    public void ReceivePubRel(MqttConnection connection, Session session, in Frame frame)
    {
        if (!AckPacket.TryDecode(frame, connection.Version, out AckView ack, out MalformedReason reason))
        {
            connection.CloseMalformed(frame.Type, reason);
            return;
        }

        bool wasOpen = session.CloseInbound(ack.PacketId);
        if (!wasOpen)
            broker.Turn.Gate.Require(broker.Custody.LastPosition); // the answer repeats one whose record may still be on its way
        connection.Output.WaitForRequired();
        connection.SendAck(PacketType.PubComp, ack.PacketId, wasOpen ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound);
    }
}
