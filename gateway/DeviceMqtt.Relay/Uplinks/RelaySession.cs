using DeviceMqtt.Relay.Log;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Arriving;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Presence;
using DeviceMqtt.Relay.Sending;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;
using DeviceMqtt.Wire;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Uplinks;

/// <summary>
/// The state towards one upstream that outlives its network connections: what waits and what is in flight, the
/// subscriptions there, the QoS 2 identifiers. It does no I/O and never waits. Owned by the turn.
/// </summary>
internal sealed partial class RelaySession : IUpstream
{
    private readonly BrokerState _broker;
    private readonly RelayTopics _topics;
    private readonly UplinkPresence _presence;
    private readonly RelaySender _sender;
    private readonly UpstreamSubscriptions _subscriptions;
    private readonly UpstreamPublishReceiver _publishes;
    private readonly DeviceWills _wills;
    private readonly LateWills? _lateWills; // null where there are none
    private readonly RelayPace _pace;
    private readonly OwnSession _ownSession;
    private readonly ILogger _log;
    private readonly RelayProperties _properties;
    private readonly EchoFilter _echoes;
    private readonly bool _hasP2P;
    private readonly bool _hasOneForAll;
    private UplinkTerms? _terms; // of the last connection
    private bool _isNamesakeTold; // once: it may come again and again

    public RelaySession(BrokerState broker, RelayOptions options, UpstreamDialect dialect, RelayWorld world, ILogger log)
    {
        _broker = broker;
        _log = log;
        _ownSession = new OwnSession(options);
        _topics = dialect.Topics;
        _presence = dialect.Presence;
        _properties = dialect.Properties;
        _echoes = dialect.Echoes;
        dialect.Times = broker.Times;
        _properties.NumberFrom = broker.Upstreams;
        _hasP2P = options.P2P;
        _hasOneForAll = options.HasOneForAll;
        _lateWills = world.HasLateWills ? new LateWills(options.KeepAliveSeconds) : null;
        // Its backlog on disk is known by its name.
        Name = options.Name;
        if (broker.Upstreams.GatewayName.Length == 0)
            broker.Upstreams.GatewayName = options.ClientId;
        Buffer = new RelayBuffer(broker.Limits, broker.Custody, broker.Owners.Nobody[Good.Memory], Name, _topics, broker.Turn, broker.IsStale) { Where = options.Where() };
        broker.Upstreams.Backlogs.Add(Name, Buffer);
        _pace = new RelayPace(options);
        _sender = new RelaySender(Buffer, dialect, _pace, broker, world.Time, log) { BeginAnew = FreedAll, PacketIdMax = world.PacketIdMax };
        _subscriptions = new UpstreamSubscriptions(Name, _sender, _topics, broker.Turn, broker.Limits.KnownDevicesMax, UpstreamProfile.Find(options.Profile)!, log);
        _sender.AskNext = _subscriptions.AskNext;
        _wills = new DeviceWills(broker, options, dialect, _sender, world, log);
        _sender.RetainRule = _wills;
        _publishes = new UpstreamPublishReceiver(broker, Name, dialect, _wills, log);
        _sender.Asked = _publishes.Waited.Asked;
        _topics.Unsuitable = log.TopicUnsuitable;
        if (_hasP2P && _hasOneForAll)
            _subscriptions.AddAll();
    }

    public string Name { get; }

    /// <summary>The upstream may be sent more as time goes by (<see cref="Tick"/>), not only when it acknowledges.</summary>
    public bool IsPaced => _pace.IsBounded;

    /// <summary>Wills of devices that the upstream holds.</summary>
    public int WillsHeld => _wills.HeldCount;

    /// <summary>Subscriptions that the upstream refuses, on this connection so far.</summary>
    public int SubscriptionsRefused => _subscriptions.RefusedCount;

    public RelayBuffer Buffer { get; }

    /// <summary>Messages that the upstream has acknowledged, since the start.</summary>
    public long Acknowledged => _sender.Acknowledged;

    /// <summary>QoS 2 messages that were sent again as new ones, because the upstream had lost its Session; since the start.</summary>
    public long SentAsNew => _sender.SentAsNew;

    /// <summary>The last connection ended for one message, which is set aside: the next has nothing to wait for.</summary>
    public bool FoundCulprit => _sender.FoundCulprit;

    /// <summary>The gateway was restored from a backup, and the upstream has not begun anew since.</summary>
    public bool IsRestored => Buffer.HasOldIdentifiers && _broker.Upstreams.IsRestored;

    /// <summary>The message that the upstream seems not to take; null when none does.</summary>
    public Message? Suspect => _sender.Suspect;

    /// <summary>The packet of the gateway's own that the upstream seems to end connections for; null when none does.</summary>
    public string? OwnSuspect => _sender.OwnTrial.Suspect;

    /// <summary>Why the connection is to end although it could go on; reason None when it may.</summary>
    public UplinkEnd Stands => _sender.Stands;

    /// <summary>Seconds that the upstream keeps the Session while the link is down, as it said last; null for as long as is asked for, which is for ever.</summary>
    public uint? SessionSeconds => _terms?.SessionSeconds;

    /// <summary>Messages taken from the upstream, since the start.</summary>
    public long Received => _publishes.Received;

    /// <summary>Monotonic milliseconds since when nothing was acknowledged although something is in flight; null when nothing is.</summary>
    public long? StandingStillSinceMs => _sender.StandingStillSinceMs;

    /// <summary>Messages of this connection that found the journal full and were not acknowledged.</summary>
    public long Unacknowledged => _publishes.Unacknowledged;

    /// <summary>There is room for them, or for a PUBREC that found none: the connection has to be made anew, for the upstream to send them again.</summary>
    public bool AsksAgain => _publishes.AsksAgain || _sender.AsksAgain;

    /// <summary>Something of this connection found no room.</summary>
    public bool WaitsForRoom => _publishes.Unacknowledged > 0 || _sender.WaitsForRoom;

    public bool Wants(string topic) => _topics.Wants(topic) || (!P2PTopic.TryParse(topic, out _, out _) && _topics.IsUnsuitable(topic));

    public bool Offer(Message message, List<ISlowReader> holdingBack, in OwedReceipt owed = default)
    {
        if (message.IsP2P && !_hasP2P)
            return false;
        OwedReceipt here = owed with { Upstream = Name };
        if (_topics.Find(message.Topic) is null)
        {
            if (_topics.IsUnsuitable(message.Topic))
                Drop(message, DropReason.TopicNotForUpstream, here);
            return true;
        }

        RelayRoute route = _topics.RouteOf(message);
        if (route.Device is { } device)
            _broker.Times.Observe(device, message);
        if (message.QoS == QoS.AtMostOnce && !route.BuffersQoS0)
        {
            if (_sender.TrySendQoS0(message))
                _broker.Receipts.EndedUpstream(here, reason: null);
            else
                Drop(message, DropReason.UpstreamAway, here);
            return true;
        }

        Take(message, here);
        if (_sender.HoldsBackPublishers)
            holdingBack.Add(_sender);
        return true;
    }

    public void Keep(Message message, List<KeptForUpstream> kept)
    {
        if (_topics.Find(message.Topic) is null)
        {
            if (_topics.IsUnsuitable(message.Topic))
                Drop(message, DropReason.TopicNotForUpstream, owed: default);
            return;
        }

        Kept held = Buffer.Hold(message, out QueuedMessage queued);
        if (held.IsFailed)
            _broker.Turn.Gate.Join(held); // the packet at hand waits for nothing but that
        if (!held.IsNoRoom)
            kept.Add(new KeptForUpstream(Name, queued));
    }

    public void Queue(in KeptForUpstream kept)
    {
        Buffer.Take(kept.Queued);
        _sender.Pump(_broker.Turn.NowMs);
    }

    private void Take(Message message, in OwedReceipt owed)
    {
        _broker.Turn.Gate.Join(Buffer.Add(message, out long entry, out bool isDropped));
        if (isDropped)
            _broker.Receipts.EndedUpstream(owed, DropReason.RelayFull);
        else
            _broker.Receipts.ExpectUpstream(entry, owed);
        _sender.Pump(_broker.Turn.NowMs);
        if (owed.Sender is not null && !Buffer.IsInFlight(entry))
            _broker.Receipts.QueuedUpstream(entry);
    }

    /// <summary>The rules of the settings are others now.</summary>
    public void RulesChanged()
    {
        Buffer.RulesChange();
        _topics.RulesChanged();
        _subscriptions.RulesChanged();
        _wills.RulesChanged();
    }

    public bool WasHere(ReadOnlySpan<byte> properties, string publisher) => _properties.WasHere(properties, publisher);

    public ReadOnlySpan<byte> Via => _properties.Via;

    public void ClientKnown(string clientId)
    {
        if (!_hasP2P)
            return;
        _subscriptions.Known(clientId);
        if (!_hasOneForAll)
            _subscriptions.Add(clientId, isHere: _broker.Sessions.Find(clientId) is { IsConnected: true });
    }

    public void ClientForgotten(string clientId) => _subscriptions.Remove(clientId);

    public void ClientCame(string clientId, WillMessage? will)
    {
        if (clientId == _presence.Identity.ClientId && !_isNamesakeTold)
        {
            _isNamesakeTold = true;
            _log.Namesake(Name, clientId);
        }

        _wills.ClientCame(clientId, will);
        if (_hasP2P && !_hasOneForAll)
            _subscriptions.Came(clientId);
    }

    public void ClientLeft(string clientId)
    {
        _wills.ClientLeft(clientId);
        _subscriptions.Left(clientId);
    }

    /// <summary>The upstream has accepted a connection.</summary>
    public void Attach(ConnectionOutput output, UplinkTerms said)
    {
        UplinkTerms terms = _ownSession.Judge(said, Buffer.HasOldIdentifiers);
        terms = terms with { IsToBeSwept = terms.IsOldSession && said.QoSMax == QoS.ExactlyOnce && _topics.HasExactlyOnce };
        TellOld(terms);
        if (!said.SessionPresent && Buffer.HasOldIdentifiers)
            output.WaitFor(BeganAnew());
        Tell(terms);
        output.WaitFor(_publishes.Attach(terms));
        _publishes.Waited.Attach(said.SessionPresent, terms);
        // Nothing of the gateway's own goes with anything else when one is looked for that the upstream does not take; and without presence nothing would come back.
        bool mayProbe = !_sender.OwnTrial.IsDue && !_sender.OwnTrial.IsLeftOut(OwnTrial.Publish(_presence.Online.Topic));
        if (mayProbe)
            _subscriptions.Probe(output, terms, _presence.Route.Topic);
        else if (terms.Version != ProtocolVersion.V5 && _topics.HasIn)
            _echoes.IsOn = true;
        _sender.Attach(output, terms);
        _subscriptions.Attach(output, terms.IsSameNode ? said : terms); // what this process has asked for there, it has
        _wills.Attach(terms);
        _lateWills?.Begin(_broker.Turn.NowMs, terms);
    }

    /// <summary>The network has taken bytes of what is on its way.</summary>
    public void NoteTaken(long atMs) => _sender.NoteTaken(atMs);

    /// <summary>PINGREQ.</summary>
    public void Ask() => _sender.Ask();

    /// <summary>The connection is gone.</summary>
    /// <param name="end">Why.</param>
    /// <param name="heardMs">Monotonic milliseconds when something came on it for the last time.</param>
    public void Detach(in UplinkEnd end, long heardMs)
    {
        _publishes.Waited.Detach(heardMs);
        _lateWills?.End();
        _wills.Detach(end.IsToComeBack);
        _subscriptions.Detach();
        _sender.Detach(end);
    }

    /// <summary>No other connection follows.</summary>
    public void Leave() => _wills.Leave();

    /// <summary>Time has gone by: a bounded rate may allow more.</summary>
    public void Tick()
    {
        _sender.Tick(_broker.Turn.NowMs);
        _sender.JudgeRefusals();
        _subscriptions.Tick();
        _wills.Tick();
        AskWhatWaits();
        if (_sender.TryLeftOut() is { } name && !SendLeftOut(name))
            _sender.OwnTrial.Forget(name);
        if (_lateWills?.IsDue(_broker.Turn.NowMs) != true)
            return;
        if (_presence.Identity.Will is not null)
            _sender.TellPresenceOnceMore();
        _wills.TellAll();
    }

    // False when nobody wants it any more.
    private bool SendLeftOut(string name) => OwnTrial.FilterOf(name) is { } filter ? _subscriptions.AskLeftOut(filter) : _wills.TellLeftOut(OwnTrial.TopicOf(name)!);

    private void AskWhatWaits()
    {
        if (_hasP2P && _publishes.Waited.IsToAsk)
            Ask();
    }

    /// <summary>Tells the upstream that the gateway leaves.</summary>
    public void SayGoodbye()
    {
        _lateWills?.End();
        _sender.SayGoodbye();
    }

    /// <summary>Completes when nothing waits or is in flight, or the connection is gone.</summary>
    public Task WhenIdle() => _sender.WhenIdle();

    /// <summary>One packet of the upstream.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? Receive(in Frame frame, ConnectionOutput output) => frame.Type switch
    {
        PacketType.Publish => _publishes.ReceivePublish(frame, output),
        PacketType.PubAck or PacketType.PubRec or PacketType.PubComp => ReceiveAck(frame),
        PacketType.PubRel => _publishes.ReceivePubRel(frame, output),
        PacketType.SubAck => _subscriptions.ReceiveSubAck(frame),
        PacketType.UnsubAck => _subscriptions.ReceiveUnsubAck(frame),
        PacketType.PingResp => ReceivePingResp(frame),
        PacketType.Disconnect when _terms!.Version == ProtocolVersion.V5 => ReceiveDisconnect(frame),
        _ => "is not for a server to send here",
    };

    /// <summary>A PUBLISH that is too large for this gateway: it is acknowledged, counted and not taken.</summary>
    public void PassOver(in OversizedPublish publish, ConnectionOutput output) => _publishes.PassOver(publish, output);

    private void Drop(Message message, DropReason reason, in OwedReceipt owed)
    {
        _broker.Counters.Drop(new Drop(reason, DropOwner.Upstream(Name), message.Topic, message.ContentBytes), message.TraceNumber);
        _broker.Receipts.EndedUpstream(owed, reason);
    }

    private string? ReceivePingResp(in Frame frame)
    {
        if (!PingPackets.TryDecode(frame, _terms!.Version, out MalformedReason reason))
            return reason.ToText();
        _publishes.Waited.Answered();
        AskWhatWaits();
        _sender.ReceivePingResp();
        return null;
    }

    private string? ReceiveAck(in Frame frame)
    {
        // mosquitto refuses a message that is too large for it with 0x95, which PUBACK may not carry.
        if (!AckPacket.TryDecodeLeniently(frame, _terms!.Version, out AckView ack, out MalformedReason reason))
            return reason.ToText();
        string? wrong = _sender.ReceiveAck(frame.Type, ack);
        _subscriptions.AskMore();
        return wrong;
    }

    private string ReceiveDisconnect(in Frame frame)
    {
        if (!DisconnectPacket.TryDecode(frame, ProtocolVersion.V5, out DisconnectPacket? packet, out MalformedReason reason))
            return reason.ToText();
        if (packet.ReasonCode != ReasonCode.SessionTakenOver)
            return $"the upstream says {packet.ReasonCode}";
        _sender.SessionTaken();
        return "another client has connected there with the Client Identifier of this gateway: two gateways with one Relay:ClientId take the link from each other";
    }
}
