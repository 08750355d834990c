using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <content>A PUBLISH as a message on its way; where that is more than one turn may do, <see cref="ConnectionLoop"/> comes with its packet again when all have it.</content>
internal sealed partial class PublishReceiver
{
    private Publication Of(MqttConnection connection, Session session, in Frame frame, in PublishView view, Route route, Message? held = null)
    {
        ReadOnlySpan<byte> properties = ForwardedProperties.Forwardable(view);
        bool isMarked = session.IsGatewayOf5 && AloneMark.IsIn(properties); // which is not for those who get it next
        Publication publication = new()
        {
            Route = route,
            QoS = view.QoS,
            Retain = view.Retain,
            Payload = view.Payload,
            Properties = isMarked ? AloneMark.Without(properties) : properties,
            ForwardablePacket = frame.FirstByte == PlainPublish && view.TopicAlias == 0 && !isMarked ? frame.Packet : default,
            IsForwardableV5 = connection.Version == ProtocolVersion.V5,
            Publisher = session,
            Owner = session.Holdings.Owner,
            NowMs = broker.Turn.NowMs,
            HoldsPublisher = connection.Blocked is null, // what was blocked is not in the buffer any more
            Held = held,
        };
        publication.LimitLifetime(view.MessageExpirySeconds ?? session.Terms.MessageExpirySeconds);
        return publication;
    }

    // Others have their turns, and it goes on in its own, whatever becomes of its connection.
    private void WaitForAll(MqttConnection connection, FanOut left, in PublishView view, ReasonCode code)
    {
        left.Code = code;
        left.Note(broker.Turn.Gate.Outcome, []);
        if (connection.IsOpen)
            connection.Left = left;
        else
            left.Release(); // it was its own subscriber, and is closed: nobody waits
        CountReceived(view);
    }

    private void GoOn(MqttConnection connection, Session session, in Frame frame, in PublishView view, FanOut left)
    {
        if (!left.IsDone)
            return;
        connection.Left = null;
        if (left.HasFailed && view.QoS != QoS.AtMostOnce)
        {
            connection.Close(CloseReason.InternalError, "a fault of the gateway kept its message from some of those it is for"); // the client keeps it, and brings it again
            return;
        }

        Publication publication = Of(connection, session, frame, view, left.Route, left.Message);
        publication.TraceNumber = left.Message.TraceNumber;
        broker.Turn.Gate.Join(left.Kept);
        _ = connection.HoldBackFor(left.HoldingBack, view.Payload.Length, broker.Turn.NowMs, left.IsLight);
        bool foundNoRoom = broker.Turn.Gate.Outcome.IsNoRoom && publication.QoS != QoS.AtMostOnce;
        Finish(connection, session, frame, view, foundNoRoom ? ReasonCode.QuotaExceeded : left.Code, publication);
    }

    // It has gone to all whom it is for.
    private void Finish(MqttConnection connection, Session session, in Frame frame, in PublishView view, ReasonCode code, in Publication publication)
    {
        // 3.1.1 has no word for it: without an acknowledgement the client keeps the message and brings it again.
        if (code == ReasonCode.QuotaExceeded && connection.Version != ProtocolVersion.V5)
        {
            session.ForgetInbound(view.PacketId).ForNobody(); // not acknowledged: it comes again under the identifier, as a new one
            connection.Close(CloseReason.QuotaExceeded, "no room in the journal for its message");
            return;
        }

        if (view.QoS == QoS.AtMostOnce)
            return;
        broker.Receipts.TellEnds();
        Answer(connection, session, view, code, publication, frame.Packet.Length);
    }

    private void CountReceived(in PublishView view)
    {
        broker.Counters.MessagesReceived++;
        broker.Counters.PublishBytesReceived += view.Payload.Length;
    }
}
