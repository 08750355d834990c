using System.Text;
using DeviceMqtt.Relay.Log;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Sending;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Arriving;

/// <summary>
/// What the gateway is subscribed to upstream: what the rules ask for, and the P2P topic of every device it knows,
/// <c>+/p2p/{clientId}</c>.
/// <list type="bullet">
/// <item>A subscription that the upstream has granted is not made again while its Session lasts: that would bring retained
/// messages a second time.</item>
/// <item>What the upstream ends connections for is left out for a while (<see cref="OwnTrial"/>).</item>
/// <item>What it refuses is asked again on the same connection, after longer and longer pauses, few at a time (<see cref="RefusedFilters"/>): a SUBSCRIBE, and an UNSUBSCRIBE.</item>
/// <item>Few SUBSCRIBE packets at a time: what comes to be wanted until a SUBACK goes together in the next. To some clusters each
/// costs a fraction of a second, in which they take nothing else: there one leaves while nothing waits to go up, or each <see cref="AskAnywayMs"/>.</item>
/// <item>Where the upstream is one of our gateways it is told which devices have come here (<see cref="DeviceMark"/>), with one more SUBSCRIBE for each that connects.</item>
/// <item>For the devices that the mailboxes or the gateways below have, until these forget them: the bounds are theirs.</item>
/// <item>A packet is not larger than the upstream takes. Where it has no wildcards, what needs them is not asked for, which is said.</item>
/// <item>Those that are forgotten while the link is down, or whose UNSUBACK did not come, are unsubscribed when it is back, at most
/// <see cref="GatewayLimits.KnownDevicesMax"/>.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed partial class UpstreamSubscriptions(string upstream, RelaySender sender, RelayTopics topics, Turn turn, int forgottenMax, UpstreamProfile profile, ILogger log)
{
    /// <summary>Subscription Identifier of the P2P topics (5.0): a broker sends a message once for each subscription, and a command is to come once.</summary>
    public const uint P2PIdentifier = 1;

    private const uint RuleIdentifier = 2;

    // Chosen: a backlog of hours does not keep commands away for hours, and half a second of each five is what it costs.
    private const long AskAnywayMs = 5_000;

    // Chosen: a thousand that a full upstream has refused are there within a minute or so, and none of these packets is larger than a message.
    private const int AgainMax = 16;

    // Fixed header, Packet Identifier, Subscription Identifier.
    private const int OverheadBytes = 16;

    // The user property that says whether they are here, at most.
    private const int MarkBytes = 24;

    private readonly HashSet<string> _ruleFilters = [.. topics.In.Select(static r => r.Mapping.SourceFilter)];

    // By filter: what is asked for, and whether the upstream has granted it.
    private readonly Dictionary<string, (SubscriptionRequest Request, bool IsGranted)> _all = topics.In.ToDictionary(
        static r => r.Mapping.SourceFilter, static r => (RequestOf(r.Mapping.SourceFilter, r.Rule.QoSMax), false), StringComparer.Ordinal);

    private readonly Queue<string> _wanted = new();
    private readonly HashSet<string> _unreachable = []; // those that were said to be so
    private readonly Dictionary<ushort, (List<string> Filters, bool IsHere)> _asked = []; // packets that are not answered, and whether they say that their devices have come
    private readonly RefusedFilters _refused = new();
    private ConnectionOutput? _output;
    private ProtocolVersion _version;
    private bool _hasDeviceMarks;
    private bool _hasIdentifiers;
    private bool _hasWildcards;
    private int _packetBytesMax;
    private bool _refusalLogged;
    private bool _grantLogged; // of some that were refused, while others are
    private long _askedMs;

    /// <summary>Topic Filters that the upstream refuses.</summary>
    public int RefusedCount => _refused.Count;

    private int SubscribeBytes => OverheadBytes + (_hasDeviceMarks ? MarkBytes : 0);

    private bool MayAsk => !sender.OwnTrial.IsOn && (!profile.AsksBehindMessages || IsUpQuiet);

    // What goes up does not wait for what is asked, or for a moment only.
    private bool IsUpQuiet => !sender.HasSomethingToSend || turn.NowMs - _askedMs >= AskAnywayMs;

    public void Attach(ConnectionOutput output, UplinkTerms terms)
    {
        _output = output;
        _version = terms.Version;
        _hasIdentifiers = terms.HasIdentifiers;
        _hasWildcards = terms.HasWildcards;
        _hasDeviceMarks = terms.HasDeviceMarks;
        if (!_hasDeviceMarks)
            _came.Clear();
        _packetBytesMax = terms.PacketBytesMax;
        _refusalLogged = _grantLogged = false;
        _askedMs = turn.NowMs;
        if (!terms.SessionPresent)
            _forgotten.Clear();
        foreach (string filter in _all.Keys.ToArray())
        {
            if (!terms.SessionPresent)
                SetGranted(filter, false);
            if (!_all[filter].IsGranted || _came.Contains(filter))
                _wanted.Enqueue(filter);
        }

        Unsubscribe();
        Subscribe();
    }

    /// <summary>
    /// Has a 3.1.1 broker that accepted a bridge show whether it sends back what it gets from it, where that matters: the
    /// gateway's presence, published next, would be the first to come.
    /// </summary>
    public void Probe(ConnectionOutput output, UplinkTerms terms, string presenceTopic)
    {
        if (!topics.HasIn || terms.Version == ProtocolVersion.V5 || !terms.AsBridge || !TryTakePacketId(out ushort packetId))
            return;
        _version = terms.Version;
        _asked.Add(packetId, ([presenceTopic], false));
        new SubscribePacket { PacketId = packetId, Requests = [RequestOf(presenceTopic, QoS.AtMostOnce)] }.Write(output, _version);
    }

    public void Detach()
    {
        _output = null;
        _wanted.Clear();
        DetachHere();
        _refused.Clear();
        DetachForgotten();
    }

    /// <summary>
    /// The rules are others now. What they ask for is subscribed to, also where only the QoS is another; what they ask for no more is
    /// unsubscribed from.
    /// </summary>
    public void RulesChanged()
    {
        Dictionary<string, QoS> wanted = topics.In.ToDictionary(static r => r.Mapping.SourceFilter, static r => r.Rule.QoSMax, StringComparer.Ordinal);
        foreach (string filter in _ruleFilters.Except(wanted.Keys).ToArray())
        {
            _ = _ruleFilters.Remove(filter);
            Forget(filter);
        }

        foreach ((string filter, QoS qos) in wanted)
        {
            _ = _ruleFilters.Add(filter);
            SubscriptionRequest request = RequestOf(filter, qos);
            if (_all.TryGetValue(filter, out (SubscriptionRequest Request, bool IsGranted) before) && before.Request.QoS == qos)
                continue;
            _all[filter] = (request, false);
            _ = _refused.Remove(filter);
            NotForgotten(filter);
            if (_output is not null)
                _wanted.Enqueue(filter);
        }

        Subscribe();
    }

    /// <summary>A device whose P2P messages are wanted.</summary>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="isHere">It is connected.</param>
    public void Add(string clientId, bool isHere = false)
    {
        if (!Wire.ClientId.IsAddressable(clientId) || !topics.Reaches(clientId))
            return;
        string filter = topics.P2PFilter(clientId);
        // The publisher's QoS is kept, also across the relay (DESIGN: P2P rule 4).
        // What somebody had retained there is no command for now.
        if (!_all.TryAdd(filter, (RequestOf(filter, QoS.ExactlyOnce) with { RetainHandling = RetainHandling.DoNotSend }, false)))
            return;
        NotForgotten(filter);
        if (isHere)
            IsHere(filter);
        if (_output is null)
            return;
        _wanted.Enqueue(filter);
        Subscribe();
    }

    /// <summary>A device is known. Says once of each that cannot be reached from there.</summary>
    public void Known(string clientId)
    {
        if (Wire.ClientId.IsAddressable(clientId) && !topics.Reaches(clientId) && _unreachable.Count < forgottenMax && _unreachable.Add(clientId))
            log.DeviceUnreachable(upstream, clientId);
    }

    /// <summary>P2P messages for all devices here, whose parent level is the gateway's name: one subscription, however many there are.</summary>
    public void AddAll()
    {
        string filter = topics.P2PFilterOfGateway;
        _all.Add(filter, (RequestOf(filter, QoS.ExactlyOnce) with { RetainHandling = RetainHandling.DoNotSend }, false));
    }

    /// <summary>A device whose P2P messages are not wanted any more.</summary>
    public void Remove(string clientId)
    {
        _ = _unreachable.Remove(clientId);
        if (topics.Reaches(clientId))
            Forget(topics.P2PFilter(clientId)); // of another it would be where that is called so there
    }

    /// <summary>Time has gone by.</summary>
    public void Tick()
    {
        if (_output is null)
            return;
        bool mayAsk = !sender.OwnTrial.IsOn && IsUpQuiet;
        if (mayAsk && _wanted.Count == 0 && _asked.Count == 0)
            foreach (string filter in _refused.TakeDue(turn.NowMs, Math.Min(AgainMax, profile.FiltersPerPacketMax)))
                _wanted.Enqueue(filter);
        if (mayAsk && _askedToForget.Count == 0)
        {
            _forgotten.UnionWith(_refusedToForget.TakeDue(turn.NowMs, AgainMax));
            Unsubscribe();
        }

        AskMore();
    }

    /// <summary>A filter that was left out is asked for once more, on a connection that stands.</summary>
    /// <returns>False when it is not wanted any more.</returns>
    public bool AskLeftOut(string filter)
    {
        if (!_all.TryGetValue(filter, out (SubscriptionRequest Request, bool IsGranted) wanted) || (wanted.IsGranted && !_came.Contains(filter)))
            return false;
        _wanted.Enqueue(filter);
        AskMore();
        return true;
    }

    /// <summary>Time has gone by, or something was acknowledged.</summary>
    public void AskMore()
    {
        if (_output is not null && _wanted.Count > 0)
            Subscribe();
    }

    /// <summary>Asks for one filter, alone.</summary>
    /// <returns>False when none is wanted.</returns>
    public bool AskNext() => _output is not null && TryAsk(1);

    /// <summary>SUBACK.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceiveSubAck(in Frame frame)
    {
        if (!SubAckPacket.TryDecode(frame, _version, out SubAckPacket? packet, out MalformedReason reason))
            return reason.ToText();
        if (!_asked.Remove(packet.PacketId, out (List<string> Filters, bool IsHere) asked))
            return $"for Packet Identifier {packet.PacketId}, which is of no SUBSCRIBE";
        (List<string> filters, bool wasHere) = asked;
        if (packet.ReasonCodes.Count != filters.Count)
            return $"has {packet.ReasonCodes.Count} codes for {filters.Count} Topic Filters";
        string? afterAll = null;
        for (int i = 0; i < filters.Count; i++)
        {
            bool isGranted = packet.ReasonCodes[i] < ReasonCode.UnspecifiedError;
            SetGranted(filters[i], isGranted);
            sender.OwnAnswered(OwnTrial.Subscribe(filters[i]));
            if (!isGranted)
                Refused(filters[i], wasHere);
            else if (_refused.Remove(filters[i]))
                afterAll ??= filters[i];
        }

        if (afterAll is not null)
            GrantedAfterAll(afterAll);
        if (!IsTellingHere)
            _gone.Clear();
        _ = Answered(packet.PacketId);
        return null;
    }

    private bool Answered(ushort packetId)
    {
        if (!sender.Flow.EndRequest(packetId))
            return false;
        Unsubscribe();
        Subscribe();
        sender.MakeProgress();
        return true;
    }

    private void Subscribe()
    {
        while (_asked.Count < profile.RequestsAtOnceMax && MayAsk && TryAsk(profile.FiltersPerPacketMax))
        {
        }
    }

    private bool TryAsk(int filtersMax)
    {
        if (!sender.Flow.HasRoomForOneMore)
            return false; // those that wait go on doing so
        List<string> filters = [];
        List<SubscriptionRequest> requests = [];
        bool isRule = false;
        bool isHere = false;
        int bytes = SubscribeBytes;
        while (requests.Count < filtersMax && _wanted.TryPeek(out string? filter))
        {
            bool isOfRule = _ruleFilters.Contains(filter);
            bool hasCome = _came.Contains(filter);
            if (requests.Count > 0 && (isOfRule != isRule || hasCome != isHere || bytes + BytesOf(filter) > _packetBytesMax))
                break; // A packet has one identifier and one mark for all, and is no larger than the upstream takes.
            _ = _wanted.Dequeue();
            if (!_all.TryGetValue(filter, out (SubscriptionRequest Request, bool IsGranted) wanted) || sender.OwnTrial.IsLeftOut(OwnTrial.Subscribe(filter)))
                continue; // forgotten meanwhile
            if (!CanBeAsked(filter))
                continue;
            (isRule, isHere) = (isOfRule, hasCome);
            bytes += BytesOf(filter);
            filters.Add(filter);
            requests.Add(wanted.Request);
        }

        if (requests.Count == 0 || !TryTakePacketId(out ushort packetId))
            return false;
        _asked.Add(packetId, (filters, isHere));
        _askedMs = turn.NowMs;
        foreach (string filter in filters)
        {
            _ = _came.Remove(filter);
            sender.OwnTrial.Sent(OwnTrial.Subscribe(filter));
        }

        uint identifier = !_hasIdentifiers ? 0 : isRule ? RuleIdentifier : P2PIdentifier;
        new SubscribePacket { PacketId = packetId, Requests = requests, SubscriptionIdentifier = identifier, UserProperties = !_hasDeviceMarks ? [] : [isHere ? DeviceMark.Here : DeviceMark.Known] }.Write(_output!, _version);
        return true;
    }

    // An upstream that may not be sent it would end the connection for it, each time.
    private bool CanBeAsked(string filter)
    {
        bool hasWildcard = filter.AsSpan().IndexOfAny('+', '#') >= 0;
        if ((_hasWildcards || !hasWildcard) && SubscribeBytes + BytesOf(filter) <= _packetBytesMax)
            return true;
        if (!_refusalLogged)
            log.CannotBeAsked(filter, hasWildcard && !_hasWildcards ? "it has no subscriptions with wildcards" : $"it takes no packets of more than {_packetBytesMax} bytes");
        _refusalLogged = true;
        return false;
    }

    // Length, options.
    private static int BytesOf(string filter) => sizeof(ushort) + Encoding.UTF8.GetByteCount(filter) + 1;

    private void SetGranted(string filter, bool isGranted)
    {
        if (_all.TryGetValue(filter, out (SubscriptionRequest Request, bool IsGranted) entry))
            _all[filter] = (entry.Request, isGranted);
    }

    // What the gateway itself has sent up does not come down again, and RETAIN comes as it was published (5.0 only).
    private static SubscriptionRequest RequestOf(string text, QoS qos) => new(Parse(text), qos, NoLocal: true, RetainAsPublished: true);

    private static TopicFilter Parse(string text) =>
        TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason) ? filter : throw new ArgumentException(reason.ToText(), nameof(text));

    private bool TryTakePacketId(out ushort packetId) => sender.TryBeginRequest(out packetId);

    // Said once, until all are granted: an access rule upstream, or a full journal, concerns all alike.
    private void Refused(string filter, bool wasHere)
    {
        if (_all.ContainsKey(filter))
            _refused.Add(filter, turn.NowMs);
        if (wasHere)
            NotTold(filter); // to be told when it is asked again
        if (!_refusalLogged)
            log.SubscriptionRefused(filter);
        _refusalLogged = true;
    }

    private void GrantedAfterAll(string filter)
    {
        _refused.MakeDue(turn.NowMs);
        bool isLast = _refused.Count == 0;
        if (isLast || !_grantLogged)
            log.SubscriptionGranted(upstream, filter, _refused.Count);
        _grantLogged = !isLast;
        _refusalLogged &= !isLast;
    }
}
