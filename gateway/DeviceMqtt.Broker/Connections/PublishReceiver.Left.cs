using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <content>A PUBLISH as a message on its way, and what is left of one that is more than one turn may write: <see cref="ConnectionLoop"/> comes with its packet again.</content>
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
            // What was blocked is not in the buffer any more. And of what says how things are, as presence does, all have the last word: a Will may come between two turns.
            MayGoOn = connection.Blocked is null && !view.Retain && route.Announces is null,
            Held = held,
        };
        publication.LimitLifetime(view.MessageExpirySeconds ?? session.Terms.MessageExpirySeconds);
        return publication;
    }

    private void BeginToGoOn(MqttConnection connection, FanOut left, in Publication publication, ReasonCode code)
    {
        left.Code = code;
        left.Note(publication.Held, publication.TraceNumber, broker.Turn.Gate.Outcome);
        connection.Left = left;
    }

    private void GoOn(MqttConnection connection, Session session, in Frame frame, in PublishView view, FanOut left)
    {
        Publication publication = Of(connection, session, frame, view, left.Route, left.Message);
        publication.TraceNumber = left.TraceNumber;
        publication.Left = left;
        broker.Turn.Gate.Join(left.Kept);
        broker.GoOn(ref publication);
        if (publication.Left is not null)
        {
            left.Note(publication.Held, publication.TraceNumber, broker.Turn.Gate.Outcome);
            return;
        }

        connection.Left = null;
        bool foundNoRoom = broker.Turn.Gate.Outcome.IsNoRoom && publication.QoS != QoS.AtMostOnce;
        Finish(connection, session, frame, view, foundNoRoom ? ReasonCode.QuotaExceeded : left.Code, publication);
    }

    // It has gone to all whom it is for.
    private void Finish(MqttConnection connection, Session session, in Frame frame, in PublishView view, ReasonCode code, in Publication publication)
    {
        CountReceived(view);
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
