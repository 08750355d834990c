using DeviceMqtt.Gateway.Durability;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Peers;
using DeviceMqtt.Gateway.Relay;
using DeviceMqtt.Gateway.Sessions;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Routing;

/// <summary>
/// Where a message goes: to the Sessions its topic matches, to the one device it names, to the retained messages and to
/// the relay. Everything here is owned by the <see cref="Turn"/>.
/// </summary>
internal sealed class Broker
{
    public Broker(Turn turn, GatewayLimits limits, GatewayCounters counters, TimeProvider? time = null)
    {
        Custody = new Custody(turn, counters, new WallClock(time ?? TimeProvider.System, turn), limits);
        Turn = turn;
        Limits = limits;
        Counters = counters;
        Tree = new TopicTree();
        Routes = new RouteCache(Tree, limits);
        Retained = new RetainedMessages(limits, Custody);
        Budget = new QueueBudget(limits.QueueBytesTotalMax);
        Mailboxes = new Mailboxes(limits, Custody, Budget);
        Sessions = new SessionRegistry(this, Mailboxes);
        Receipts = new Receipts(this);
        Mailboxes.IsConnected = clientId => Sessions.Find(clientId) is { IsConnected: true };
        // The upstream brings commands for the devices that are known here, or to a gateway below.
        Mailboxes.ClientForgotten += clientId =>
        {
            if (GatewaysBelow.Find(clientId) is null)
                Upstream?.ClientForgotten(clientId);
        };
        GatewaysBelow.DeviceGone = clientId =>
        {
            if (!Mailboxes.IsKnown(clientId))
                Upstream?.ClientForgotten(clientId);
        };
    }

    public Turn Turn { get; }

    public GatewayLimits Limits { get; }

    public GatewayCounters Counters { get; }

    /// <summary>What of all this outlives the process.</summary>
    public Custody Custody { get; }

    public TopicTree Tree { get; }

    public RouteCache Routes { get; }

    public RetainedMessages Retained { get; }

    public GatewaysBelow GatewaysBelow { get; } = new();

    public QueueBudget Budget { get; }

    public Mailboxes Mailboxes { get; }

    public SessionRegistry Sessions { get; }

    public Receipts Receipts { get; }

    /// <summary>Encodings of the publication at hand.</summary>
    public PublishEncodings Encodings { get; } = new();

    /// <summary>Scratch for packets that lie across two read buffers.</summary>
    public StraddleBuffer Straddle { get; } = new();

    /// <summary>Takes what is to go upstream; none when no upstream is set.</summary>
    public IUpstreamTap? Upstream { get; private set; }

    /// <summary>What waits for each upstream, by its name.</summary>
    public Dictionary<string, RelayBuffer> Backlogs { get; } = new(StringComparer.Ordinal);

    /// <summary>What waits for upstreams that are not set any more, and stays until they are set again.</summary>
    public List<(string Upstream, QueuedMessage Queued)> Parked { get; } = [];

    /// <summary>QoS 2 Packet Identifiers of each upstream that wait for its PUBREL, by its name.</summary>
    public Dictionary<string, HashSet<ushort>> UpstreamInbound { get; } = new(StringComparer.Ordinal);

    /// <summary>Those for whom too much waits of what was published last: Sessions, and upstreams.</summary>
    public List<ISlowReader> HoldingBack { get; } = [];

    public void ConnectUpstream(IUpstreamTap upstream)
    {
        Upstream = upstream;
        Routes.IsRelayed = upstream.Wants;
    }

    /// <summary>Routes one message. Whoever has to wait for it holds it when this returns.</summary>
    public PublishOutcome Publish(ref Publication publication)
    {
        Route route = publication.Route;
        Routes.Refresh(route);
        Encodings.Reset();
        HoldingBack.Clear();
        if (route.P2PTarget is { } target)
            return PublishP2P(ref publication, target);

        Subscriber[] subscribers = route.Subscribers;
        for (int i = 0; i < subscribers.Length; i++)
            _ = Deliver(ref publication, subscribers[i]);
        bool matched = subscribers.Length > 0;
        foreach (SharedGroup group in route.Groups)
            matched |= DeliverToOne(ref publication, group);

        if (publication.Retain)
            _ = Retained.Set(publication.Hold());
        if (route.IsRelayed && publication.Origin != Origin.Upstream)
        {
            Upstream!.Offer(publication.Hold(), HoldingBack);
            matched = true;
        }

        return matched ? PublishOutcome.Accepted : PublishOutcome.NoSubscribers;
    }

    /// <summary>Delivers the retained messages that a new subscription matches [MQTT-3.3.1-6].</summary>
    public void DeliverRetained(Subscription subscription)
    {
        List<Message> retained = Retained.Match(subscription.Filter.Match, Turn.NowMs);
        uint[]? identifiers = subscription.Identifier == 0 ? null : [subscription.Identifier];
        foreach (Message message in retained)
        {
            QoS qos = message.QoS < subscription.QoS ? message.QoS : subscription.QoS;
            Counters.Count(subscription.Session.Enqueue(new QueuedMessage(message, qos, Retain: true, identifiers)), message.Payload.Length);
            // At once: a queue that is smaller than what is retained would drop what the client could have had.
            subscription.Session.Pump(Turn.NowMs);
        }
    }

    private DeliveryResult Deliver(ref Publication publication, in Subscriber subscriber)
    {
        if (subscriber.AnyNoLocal && subscriber.Session == publication.Publisher)
        {
            if (!subscriber.NoLocal && subscriber.WithoutNoLocal(publication.Route.Topic) is { NoLocal: false } others)
                return Deliver(ref publication, others);
            return DeliveryResult.Absent; // it is owed nothing
        }

        DeliveryResult result = subscriber.Session.Deliver(ref publication, subscriber, Encodings);
        Counters.Count(result, publication.Payload.Length);
        if (result == DeliveryResult.Queued && subscriber.Session.HoldsBackPublishers)
            HoldingBack.Add(subscriber.Session);
        return result;
    }

    private bool DeliverToOne(ref Publication publication, SharedGroup group)
    {
        // Fixed header, lengths, Packet Identifier and a Subscription Identifier have at most 20 bytes.
        int packetBytes = publication.Route.TopicUtf8.Length + publication.Properties.Length + publication.Payload.Length + 20;
        if (group.Choose(packetBytes) is not { } chosen)
            return false;
        Subscriber subscriber = new(chosen.Session);
        subscriber.Merge(chosen);
        _ = Deliver(ref publication, subscriber);
        return true;
    }

    /// <summary>To exactly the client the topic names, at the publisher's QoS, never retained (DESIGN: P2P rules 1 to 7).</summary>
    private PublishOutcome PublishP2P(ref Publication publication, string target)
    {
        if (publication.Retain)
        {
            publication.Retain = false;
            Counters.P2PRetainCleared++;
        }

        publication.LimitLifetime((uint)Limits.MailboxSecondsMax);
        long lastEntry = Custody.LastEntry;
        Session? session = Sessions.Find(target);
        if (session is { IsConnected: true })
        {
            Counters.P2PRouted++;
            // A client that subscribed to its own topic gets the message once, at the publisher's QoS, with the identifier it gave.
            uint[]? identifiers = session.FindSubscription(publication.Route.Topic) is { Identifier: not 0 and var identifier } ? [identifier] : null;
            DeliveryResult result = Deliver(ref publication, new Subscriber(session) { QoS = publication.QoS, NoLocal = false, Identifiers = identifiers });
            Receipts.Sent(publication, target, EntrySince(lastEntry), result);
            return Outcome(result != DeliveryResult.NoRoom);
        }

        if (GatewaysBelow.Find(target) is { } below && below != publication.Publisher)
        {
            Counters.P2PRouted++;
            return Outcome(Deliver(ref publication, new Subscriber(below) { QoS = publication.QoS, NoLocal = false }) != DeliveryResult.NoRoom);
        }

        if (session is null && !Mailboxes.IsKnown(target))
            return PublishToNobodyHere(ref publication, target);
        if (publication.QoS == QoS.AtMostOnce)
        {
            Counters.Drop(DropReason.P2PTargetAbsent);
            Receipts.Dropped(publication, target, DropReason.P2PTargetAbsent);
            return PublishOutcome.Accepted;
        }

        Counters.P2PRouted++;
        bool hadRoom = Mailboxes.Put(target, new QueuedMessage(publication.Hold(), publication.QoS, Retain: false, Identifiers: null));
        if (hadRoom)
            Receipts.Queued(publication, target, EntrySince(lastEntry));
        else
            Receipts.Dropped(publication, target, DropReason.MailboxFull);
        return Outcome(hadRoom);
    }

    // An application behind the upstream may be meant. What came from there ends here.
    private PublishOutcome PublishToNobodyHere(ref Publication publication, string target)
    {
        if (Upstream is not null && publication.Origin != Origin.Upstream)
        {
            Upstream.Offer(publication.Hold(), HoldingBack);
            return PublishOutcome.Accepted;
        }

        Counters.Drop(DropReason.P2PTargetUnknown);
        Receipts.Dropped(publication, target, DropReason.P2PTargetUnknown);
        return PublishOutcome.NoSubscribers;
    }

    private long EntrySince(long lastEntry) => Custody.LastEntry == lastEntry ? 0 : Custody.LastEntry;

    private static PublishOutcome Outcome(bool hadRoom) => hadRoom ? PublishOutcome.Accepted : PublishOutcome.NoRoom;
}
