using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Lifecycle;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Presence;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Broker.Routing;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.State;

/// <summary>The broker's whole state, put together from the ground up: who is there, who subscribes to what, what waits for whom. Everything in it is owned by the <see cref="Turn"/>.</summary>
internal sealed class BrokerState
{
    private readonly Ground _ground;
    private readonly Delivery _delivery;
    private readonly Router _router;
    private readonly AccessReview _review;

    public BrokerState(Ground ground, GroupPolicies policies)
    {
        _ground = ground;
        GatewayLimits limits = ground.Limits;
        ICustody custody = ground.Custody;
        Tree = new TopicTree(isSeparate: ground.Mqtt.SubscriptionIdentifiers == IdentifierForm.Separate);
        Routes = new RouteCache(Tree, limits) { IsVolatile = ground.IsVolatile };
        Retained = new RetainedMessages(custody, ground.Turn);
        SessionTable sessions = new(ground);
        _delivery = new Delivery(ground.Counters);
        GatewaysBelow = new GatewaysBelow(ground);
        Times = new BootTimes(ground);
        Births = new Births(ground, GatewaysBelow, Times);
        Commands commands = new(limits, policies, ground.Clock, ground.Running, Births);
        ground.IsStale = commands.IsStale;
        MailboxGround mail = new(ground, policies, Births, commands);
        Mailboxes = new Mailboxes(mail, sessions);
        Authority = new P2PAuthority(ground, sessions, Mailboxes);
        Tellers = new TellersOfPresence(sessions, GatewaysBelow);
        Receipts = new Receipts(ground, sessions, _delivery, Routes, commands, GatewaysBelow);
        mail.Delivered = Receipts.Delivered;
        mail.Unanswered = Receipts.Unanswered;
        Presence = new PresenceBook(ground, Mailboxes, Tree) { Publish = PublishOwn };
        Births.GoesToSleep = Presence.GoesToSleep;
        PeerRouter peers = new(new PeerGround(ground, mail, _delivery), sessions, Mailboxes, GatewaysBelow, Receipts);
        FanOuts = new FanOuts(ground, Routes, _delivery);
        ground.IsUnderWay = FanOuts.IsUnderWay;
        ground.WakeBehindFanOut = FanOuts.WakeWithRoom;
        _router = new Router(ground, Routes, _delivery, FanOuts, Retained, peers, Presence);

        Subscriptions = new SubscriptionBook(ground, Tree, GatewaysBelow);
        Sessions = new SessionRegistry(ground, sessions, Mailboxes, Subscriptions, new Wills(ground, sessions, Routes, _router, FanOuts, Authority, Tellers), Presence);

        _review = new AccessReview(ground, sessions, Sessions, Mailboxes);

        // The upstream brings commands for the devices that are known here, or to a gateway below.
        Mailboxes.ClientForgotten = clientId =>
        {
            Presence.Forget(clientId);
            GatewaysBelow.ForgottenHere(clientId);
            if (GatewaysBelow.IsClaimed(clientId))
                return;
            Births.Forget(clientId);
            ground.Upstreams.Tap?.ClientForgotten(clientId);
        };
        GatewaysBelow.IsKnownHere = Mailboxes.IsKnown;
        GatewaysBelow.KeepHere = clientId => custody.DeviceKnown(clientId, Mailboxes.UserOf(clientId));
        GatewaysBelow.DeviceGone = clientId =>
        {
            if (!Mailboxes.IsKnown(clientId))
                Births.Forget(clientId); // nobody else would
            if (!Mailboxes.IsReachable(clientId))
                ground.Upstreams.Tap?.ClientForgotten(clientId);
        };
    }

    public Turn Turn => _ground.Turn;

    /// <summary>What is done once a second.</summary>
    public BeatWork Beats => _ground.Beats;

    public GatewayLimits Limits => _ground.Limits;

    /// <summary>Who has what, of all that clients share.</summary>
    public Owners Owners => _ground.Owners;

    public Starving Starving => _ground.Starving;

    public BrokerCounters Counters => _ground.Counters;

    public WallClock Clock => _ground.Clock;

    public RunningClock Running => _ground.Running;

    public ICustody Custody => _ground.Custody;

    public IBrokerEvents Events => _ground.Events;

    public IAccessRules Access => _ground.Access;

    /// <inheritdoc cref="Ground.IsGone"/>
    public bool IsGone(string clientId, in UserIdentity user) => _ground.IsGone(clientId, user);

    /// <inheritdoc cref="Ground.IsStale"/>
    public bool IsStale(Message message) => _ground.IsStale(message);

    public Upstreams Upstreams => _ground.Upstreams;

    public ITraceAnswers? TraceAnswers => _ground.TraceAnswers;

    public TopicTree Tree { get; }

    public RouteCache Routes { get; }

    public RetainedMessages Retained { get; }

    /// <inheritdoc cref="RetainedMessages.LastNumber"/>
    public long LastRetainedNumber => Retained.LastNumber;

    public GatewaysBelow GatewaysBelow { get; }

    /// <summary>Bytes that wait in all queues and mailboxes.</summary>
    public long QueueBytes => Owners[Good.QueueBytes].Used;

    /// <summary>What the devices have said of themselves.</summary>
    public Births Births { get; }

    /// <summary>Where the boots of boards without a clock lie in time.</summary>
    public BootTimes Times { get; }

    public Mailboxes Mailboxes { get; }

    /// <summary>Who is there.</summary>
    public PresenceBook Presence { get; }

    public P2PAuthority Authority { get; }

    public TellersOfPresence Tellers { get; }

    public SubscriptionBook Subscriptions { get; }

    public SessionRegistry Sessions { get; }

    public Receipts Receipts { get; }

    /// <summary>Messages that have not gone to all yet.</summary>
    public FanOuts FanOuts { get; }

    /// <summary>Scratch for packets that lie across two read buffers.</summary>
    public StraddleBuffer Straddle { get; } = new();

    /// <summary>Those for whom too much waits of what was published last: Sessions, and upstreams.</summary>
    public List<ISlowReader> HoldingBack => _delivery.HoldingBack;

    /// <summary>From now on the messages that it wants go to this upstream as well.</summary>
    public void ConnectUpstream(IUpstream upstream)
    {
        Upstreams.Tap = upstream;
        Routes.IsRelayed = upstream.Wants;
    }

    /// <summary>Ends Sessions, publishes Wills and forgets retained messages whose time has come, over as many turns as it takes.</summary>
    public void Expire()
    {
        BeatWork beats = _ground.Beats;
        beats.Do("the look for Sessions and Wills whose time has come", Sessions.Expire);
        beats.Do("the look for commands whose time is over", Mailboxes.Expire);
        beats.Do("the look for receipts that never came", Receipts.ExpireUpstream);
        beats.Do("the look for devices that do not speak", Presence.Expire);
        beats.Do("the look for retained messages whose time is over", Retained.Expire);
        beats.Do("the shares of users", Owners.Beat);
        beats.Do("the look for memory to send from", Starving.Beat);
        Turn.Jobs.LookAtDisk();
    }

    /// <inheritdoc cref="AccessReview.Begin"/>
    public void ReviewAccess(bool isStart = false) => _review.Begin(isStart);

    private const int LargeBytes = 4 * 1024; // chosen: to look at whom it goes to costs nothing beside the copies of one so large, and what room is made for is larger

    /// <summary>A message that would have to be kept finds no room now. Asked before anybody gets it.</summary>
    /// <remarks>Of a large one, whether it has to be kept comes first: the custody makes room for such a one that it is asked about. Of others what costs less comes first.</remarks>
    public bool HasNoRoomFor(in Publication publication) => publication.QoS != QoS.AtMostOnce && (publication.ContentBytes < LargeBytes
        ? Custody.IsFullFor(publication.ContentBytes) && publication.HasToBeKept
        : publication.HasToBeKept && Custody.IsFullFor(publication.ContentBytes));

    /// <inheritdoc cref="Router.Publish"/>
    public PublishOutcome Publish(ref Publication publication) => _router.Publish(ref publication);

    /// <inheritdoc cref="Router.RetainAgain"/>
    public void RetainAgain(ref Publication publication) => _router.RetainAgain(ref publication);

    // What the gateway itself has to say, of which there is one topic for each client.
    private void PublishOwn(string topic, byte[] payload, bool retain)
    {
        Publication publication = new()
        {
            Route = Routes.GetOnce(topic),
            QoS = QoS.AtLeastOnce,
            Retain = retain,
            Payload = payload,
            Origin = Origin.Gateway,
            NowMs = Turn.NowMs,
        };
        _ = _router.Publish(ref publication);
    }

    /// <inheritdoc cref="Router.DeliverRetained"/>
    public void DeliverRetained(Session session, Subscription subscription) => _router.DeliverRetained(session, subscription);
}
