using System.Text;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Connections;

/// <summary>PUBLISH from a client: 3.1.1 and 5.0 section 3.3. The hottest code of the gateway.</summary>
internal sealed partial class PublishReceiver(BrokerState broker)
{
    // QoS 0, no DUP, no RETAIN, no alias: such a packet goes to subscribers of the same version in the very bytes it came in.
    private const byte PlainPublish = 0x30;
    private const string NoRoomInTheJournal = "no room in the journal";
    private readonly CommandSenders _senders = new(broker.Sessions.Find);

    // Of the PUBLISH at hand: whom its command claims to be from; null when that is true, or nobody.
    private string? _wrongSender;

    public void Receive(MqttConnection connection, Session session, in Frame frame)
    {
        if (!PublishPacket.TryDecodeLayout(frame, connection.Version, out PublishView view, out MalformedReason reason))
        {
            connection.CloseMalformed(frame.Type, reason);
            return;
        }

        if (connection.Left is { } left)
        {
            GoOn(connection, session, frame, view, left);
            return;
        }

        if (view.PropertiesPresent.Contains(PropertyId.SubscriptionIdentifier))
        {
            // [MQTT-3.3.4-6]: that property is for the other direction.
            connection.Close(CloseReason.ProtocolError, "PUBLISH with a Subscription Identifier", ReasonCode.ProtocolError);
            return;
        }

        if (!TryFindRoute(connection, view.TopicName, view.TopicAlias, out Route? route))
            return;

        // Message and Packet Identifier get to the disk together: one without the other would be a duplicate or a loss.
        using FrameOfPacket frameOnDisk = view.QoS == QoS.ExactlyOnce ? new(broker.Custody) : default;
        uint content = view.QoS == QoS.ExactlyOnce ? ContentHash.Of(route!.TopicUtf8, view.Payload) : 0;
        bool isFirst = view.QoS != QoS.ExactlyOnce || !session.IsRepeated(view.PacketId, view.Dup, content); // [MQTT-4.3.3-2]
        // Only 5.0 can be told how many: of others all the identifiers that there are.
        if (isFirst && view.QoS == QoS.ExactlyOnce && connection.Version == ProtocolVersion.V5 && !session.IsInboundOpen(view.PacketId) && session.InboundOfConnection >= broker.Limits.ReceiveMaximum)
        {
            connection.Close(CloseReason.ReceiveMaximumExceeded, $"more than {broker.Limits.ReceiveMaximum} QoS 2 messages without PUBREL", ReasonCode.ReceiveMaximumExceeded);
            return;
        }

        Publication publication = Of(connection, session, frame, view, route!);
        ReasonCode code = ReasonCode.Success;
        if (isFirst)
        {
            bool isFull = view.QoS != QoS.AtMostOnce && (IsBehindRefused(connection, route!) || broker.HasNoRoomFor(publication));
            if (isFull || (view.QoS == QoS.ExactlyOnce && !TryOpenInbound(session, view.PacketId, content)))
            {
                if (!TryRefuseForGood(connection, session, publication, view))
                    RefuseForNow(connection, session, route!, view);
                return;
            }

            code = Publish(connection, session, ref publication);
        }
        else if (!TryRetainAgain(connection, session, ref publication))
        {
            connection.FoundNoRoom = true; // it is not to be refused: it has been delivered
            return;
        }

        if (publication.Left is { } more && publication.HoldsPublisher)
        {
            WaitForAll(connection, more, view, code);
            return;
        }

        CountReceived(view);
        Finish(connection, session, frame, view, code, publication);
    }

    private void Answer(MqttConnection connection, Session session, in PublishView view, ReasonCode code, in Publication publication, long bytes)
    {
        if (publication.TraceNumber is not 0 and not IMessageTrace.NotFollowed)
            broker.Counters.Trace?.Answered(publication.TraceNumber, broker.Turn.Gate.Outcome, code);
        if (code == ReasonCode.QuotaExceeded)
            NoteRefused(connection, session, publication.Route, view);
        if (code >= ReasonCode.UnspecifiedError && connection.Version == ProtocolVersion.V5)
            Refuse(connection, session, view, code, Explain(code, publication.Route));
        else
            connection.SendAck(CountPending(connection, bytes), view.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, view.PacketId, code);
    }

    // What has to get to the disk because of it is its owner's, who has no more than a share of what may be on its way.
    private Kept CountPending(MqttConnection connection, long bytes)
    {
        Kept kept = broker.Turn.Gate.Outcome;
        if (kept.IsOnDisk)
            connection.Owner.AddPending(bytes, kept.Position, broker.Turn.Gate.Durable);
        return kept;
    }

    // Of a message that comes again nobody gets a copy. But what is retained may be older than it by now: what its publisher had sent before it
    // at QoS 1 has come again, too, or its Will was published.
    private bool TryRetainAgain(MqttConnection connection, Session session, ref Publication publication)
    {
        // The reply repeats one whose record may still be on its way to the disk.
        broker.Turn.Gate.Join(broker.Custody.KeptSoFar());
        if (!publication.Retain || publication.Route.IsReserved || publication.Route.P2PTarget is not null || WasHere(session, publication) || !MayPublish(connection, session, publication.Route))
            return true;
        if (!broker.Tellers.MaySay(session, publication))
            return true;
        if (broker.Custody.IsFullFor(publication.ContentBytes))
            return false;
        broker.RetainAgain(ref publication);
        return !broker.Turn.Gate.Outcome.IsNoRoom;
    }

    // Two gateways, each the other's upstream: what has been here would go round for ever.
    private bool WasHere(Session session, in Publication publication) =>
        !publication.Properties.IsEmpty && broker.Upstreams.Tap is { } upstream && upstream.WasHere(publication.Properties, session.ClientId);

    private bool TryOpenInbound(Session session, ushort packetId, uint content)
    {
        Kept opened = session.OpenInbound(packetId, content);
        if (!opened.IsNoRoom)
            broker.Turn.Gate.Join(opened);
        return !opened.IsNoRoom;
    }

    // The disk is full. A 5.0 client is told so; the message of a 3.x client, which could not be told, waits until there is room again.
    private void RefuseForNow(MqttConnection connection, Session session, Route route, in PublishView view)
    {
        if (connection.Version != ProtocolVersion.V5)
        {
            connection.FoundNoRoom = true;
            return;
        }

        CountReceived(view);
        broker.Counters.Drop(new Drop(DropReason.JournalFull, DropOwner.Client(session.ClientId), route.Topic, view.Payload.Length, IsRefused: true));
        NoteRefused(connection, session, route, view);
        Refuse(connection, session, view, ReasonCode.QuotaExceeded, NoRoomInTheJournal);
    }

    // There will never be room for it, and it would come again for ever. As with a packet that is too large a 3.x client can be told by the end of its connection alone.
    private bool TryRefuseForGood(MqttConnection connection, Session session, in Publication publication, in PublishView view)
    {
        if (view.QoS == QoS.AtMostOnce || broker.Custody.CanEverHold(publication.ContentBytes) || !publication.HasToBeKept)
            return false;
        CountReceived(view);
        broker.Counters.Drop(new Drop(DropReason.LargerThanJournal, DropOwner.Client(session.ClientId), publication.Route.Topic, view.Payload.Length));
        if (publication.Route.P2PTarget is { } target)
            broker.Receipts.Dropped(publication, target, DropReason.LargerThanJournal);
        string why = $"a message of {publication.ContentBytes} bytes is larger than the journal can hold (Limits:JournalBytesMax is {broker.Limits.JournalBytesMax})";
        if (connection.Version == ProtocolVersion.V5)
            Refuse(connection, session, view, ReasonCode.ImplementationSpecificError, why);
        else
            connection.Close(CloseReason.PacketTooLarge, why);
        return true;
    }

    // A gateway below makes its link anew and sends what was refused again, with all that is behind it. What is behind it of its topic on this connection was
    // on its way already: if that found room, it would be in front. A command is not sent again.
    private void NoteRefused(MqttConnection connection, Session session, Route route, in PublishView view)
    {
        if (!session.IsGatewayOf5 || route.P2PTarget is not null || AloneMark.IsIn(ForwardedProperties.Forwardable(view)))
            return;
        if (!connection.TryNoteRefused(route.Topic))
            connection.Close(CloseReason.QuotaExceeded, broker.Owners.WhyNoMemory(connection.Owner, MemoryCost.RefusedTopic(route.Topic), connection.Memory), ReasonCode.QuotaExceeded);
        else if (connection.RefusedTopics!.Count > broker.Limits.ReceiveMaximum)
            connection.Close(CloseReason.QuotaExceeded, "it goes on although there is no room", ReasonCode.QuotaExceeded);
    }

    private static bool IsBehindRefused(MqttConnection connection, Route route) => connection.RefusedTopics is { } refused && refused.Contains(route.Topic);

    private static void Refuse(MqttConnection connection, Session session, in PublishView view, ReasonCode code, string why)
    {
        // An error ends the flow: the identifier is free [MQTT-4.3.3-9].
        if (view.QoS == QoS.ExactlyOnce && session.ForgetInbound(view.PacketId).IsNoRoom)
        {
            // After a restart it would be in use: the client must not be told that it is free.
            connection.Close(CloseReason.QuotaExceeded, NoRoomInTheJournal);
            return;
        }

        connection.SendRefusal(view.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, view.PacketId, code, why);
    }

    private string Explain(ReasonCode code, Route route) => code switch
    {
        ReasonCode.NotAuthorized when route.IsReserved => "topics below $SYS/ and $gw/ are the gateway's to publish, and nobody can subscribe to one below $share/",
        ReasonCode.NotAuthorized when _wrongSender is { } sender => $"its 'from' is '{sender}', which is another client",
        ReasonCode.NotAuthorized when route.P2PTarget is not null => "it may not command this client",
        ReasonCode.NotAuthorized => "it may not publish to this topic",
        _ => broker.Turn.Gate.Outcome.IsNoRoom ? NoRoomInTheJournal : "no room where it would wait for its target",
    };

    private ReasonCode Publish(MqttConnection connection, Session session, ref Publication publication)
    {
        _wrongSender = null;
        if (WasHere(session, publication))
        {
            Drop(session, ref publication, DropReason.CameBack);
            return ReasonCode.Success;
        }

        if (publication.Route.IsReserved)
            return PublishReserved(connection, session, ref publication);

        // 3.1.1 is acknowledged all the same, as above.
        if (publication.Route.P2PTarget is { } target && !broker.Authority.Allows(session, publication, target))
        {
            broker.Receipts.Dropped(publication, target, DropReason.P2PNotAllowed);
            return ReasonCode.NotAuthorized;
        }

        if (!MayPublish(connection, session, publication.Route))
        {
            Drop(session, ref publication, DropReason.NotAllowed);
            return ReasonCode.NotAuthorized;
        }

        if (publication.Route.P2PTarget is { } addressee && _senders.FindForged(session, publication.Payload) is { } other)
        {
            _wrongSender = other;
            Drop(session, ref publication, DropReason.SenderForged);
            broker.Receipts.Dropped(publication, addressee, DropReason.SenderForged);
            return ReasonCode.NotAuthorized;
        }

        if (publication.Route.Announces is { } device)
        {
            if (DeviceTopic.IsOf(session.ClientId, device))
                broker.Sessions.Reach(session);
            if (publication.Route.IsBirth)
                broker.Births.Note(session, device, publication.Payload);
            else if (!broker.Tellers.MaySay(session, publication))
            {
                Drop(session, ref publication, DropReason.DeviceElsewhere);
                return ReasonCode.Success;
            }
        }

        PublishOutcome outcome = broker.Publish(ref publication);
        bool? isLight = broker.HoldingBack is { Count: > 0 } slow ? connection.HoldBackFor(slow, publication.Payload.Length, broker.Turn.NowMs) : null;
        if (publication.Left is { } left)
            left.IsLight = isLight;
        if (broker.Turn.Gate.Outcome.IsNoRoom && publication.QoS != QoS.AtMostOnce)
            return ReasonCode.QuotaExceeded;
        return outcome switch
        {
            PublishOutcome.NoSubscribers => ReasonCode.NoMatchingSubscribers,
            // A 3.x client that was told nothing would bring it again, for ever.
            PublishOutcome.NoRoom when connection.Version == ProtocolVersion.V5 => ReasonCode.QuotaExceeded,
            _ => ReasonCode.Success,
        };
    }

    // What an operator asks, and what a gateway below tells.
    private ReasonCode PublishReserved(MqttConnection connection, Session session, ref Publication publication)
    {
        if (session.Role == ClientRole.Operator && publication.Route.Topic == IAsideCommands.Topic && broker.Upstreams.AsideCommands is { } commands)
        {
            Answer(connection, publication.Route, Encoding.UTF8.GetBytes(commands.Run(Encoding.UTF8.GetString(publication.Payload))));
            return ReasonCode.Success;
        }

        if (session.Role == ClientRole.Operator && publication.Route.Topic == MailboxText.Topic)
        {
            Answer(connection, publication.Route, MailboxText.Of(broker.Mailboxes, Encoding.UTF8.GetString(publication.Payload), broker.Turn.NowMs));
            return ReasonCode.Success;
        }

        if (session.Role == ClientRole.Operator && publication.Route.Topic == ITraceAnswers.Topic && broker.TraceAnswers is { } traces)
        {
            Route route = publication.Route;
            traces.Ask(Encoding.UTF8.GetString(publication.Payload), answer =>
            {
                if (connection.IsOpen)
                    Answer(connection, route, answer);
            });
            return ReasonCode.Success;
        }

        if (session.IsBridge && ReceiptTopic.TryParse(publication.Route.Topic, out string receiptOf))
        {
            broker.Counters.Trace?.ToldBelow(session.ClientId, publication.Payload);
            broker.Receipts.Pass(receiptOf, publication.Payload, session);
            return ReasonCode.Success;
        }

        // 3.1.1 has no way to refuse but to close (section 3.3.5); mosquitto and we take it and drop it.
        Drop(session, ref publication, DropReason.ReservedTopic);
        return ReasonCode.NotAuthorized;
    }

    // It does not get to the router, and is followed all the same.
    private void Drop(Session publisher, ref Publication publication, DropReason reason)
    {
        publication.TraceNumber = broker.Counters.Trace?.Accepted(publication) ?? 0;
        broker.Counters.Drop(new Drop(reason, DropOwner.Client(publisher.ClientId), publication.Route.Topic, publication.Payload.Length), publication.TraceNumber);
    }

    // Asked once for a topic while nobody else publishes there: publishers nearly always stay with their own.
    private static bool MayPublish(MqttConnection connection, Session session, Route route)
    {
        if (session.Rights is not { } rights)
            return true;
        if (ReferenceEquals(connection.AskedRoute, route))
            return connection.MayPublish;
        if (!ReferenceEquals(route.AskedBy, rights))
        {
            route.LetsIn = rights.MayPublish(route.Topic);
            route.AskedBy = rights;
        }

        connection.MayPublish = route.LetsIn;
        connection.AskedRoute = route.IsCached ? route : null;
        return connection.MayPublish;
    }

    private static void Answer(MqttConnection connection, Route route, byte[] answer) =>
        PublishPacket.Write(connection.Output, connection.Version, route.TopicUtf8, properties: default, answer, QoS.AtMostOnce, retain: false, dup: false, packetId: 0);

    private bool TryFindRoute(MqttConnection connection, ReadOnlySpan<byte> topic, ushort alias, out Route? route)
    {
        route = connection.LastRoute;
        if (alias == 0 && route is { IsCached: true } && topic.SequenceEqual(route.TopicUtf8))
            return true;
        if (alias != 0 && alias > broker.Limits.TopicAliasMaximum)
        {
            connection.Close(CloseReason.ProtocolError, $"topic alias {alias} exceeds {broker.Limits.TopicAliasMaximum}", ReasonCode.TopicAliasInvalid);
            return false;
        }

        if (topic.IsEmpty && alias != 0)
        {
            if (connection.Aliases is not null && connection.Aliases.TryGetValue(alias, out byte[]? known) && broker.Routes.TryGet(known, out route, out _))
                return true;
            connection.Close(CloseReason.ProtocolError, $"topic alias {alias} was not defined on this connection", ReasonCode.ProtocolError);
            return false;
        }

        if (!broker.Routes.TryGet(topic, out route, out string wrong))
        {
            // No UTF-8 makes the packet malformed [MQTT-1.5.4-1]; all else is about the name.
            bool isName = PublishPacket.CheckTopicName(topic, out MalformedReason reason);
            connection.Close(CloseReason.TopicNameInvalid, wrong, isName ? ReasonCode.TopicNameInvalid : reason.ToReasonCode());
            return false;
        }

        // One that is not in the cache would be there for each connection.
        connection.LastRoute = route.IsCached ? route : null;
        if (alias == 0 || TryDefine(connection, alias, route.TopicUtf8))
            return true;
        connection.Close(CloseReason.QuotaExceeded, $"topic alias {alias}: {broker.Owners.WhyNoMemory(connection.Owner, MemoryCost.Alias(route.TopicUtf8.Length), connection.Memory)}", ReasonCode.QuotaExceeded);
        return false;
    }

    private static bool TryDefine(MqttConnection connection, ushort alias, byte[] topic)
    {
        int before = connection.Aliases is not null && connection.Aliases.TryGetValue(alias, out byte[]? old) ? MemoryCost.Alias(old.Length) : 0;
        if (!connection.Memory.TryTake(MemoryCost.Alias(topic.Length) - before))
            return false;
        (connection.Aliases ??= [])[alias] = topic;
        return true;
    }
}
