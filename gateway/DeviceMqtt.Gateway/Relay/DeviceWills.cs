using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// Has the upstream hold the retained Wills of the clients here, so that no device is shown online there while its gateway is
/// cut off. A connection has one Will (section 3.1.2.5), so each has a connection of its own (<see cref="WillLink"/>).
/// <list type="bullet">
/// <item>What is published with RETAIN to the topic of such a Will goes up with RETAIN only while the upstream holds the
/// Will: otherwise nobody would take it back.</item>
/// <item>When it holds it, and has not what is retained here, that is sent once more.</item>
/// <item>There are such connections only while the relay is connected, and at most <see cref="RelayOptions.DeviceWillsMax"/>.</item>
/// <item>A Will is dropped upstream only after the upstream has all that was published here until the client left.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class DeviceWills(Broker broker, RelayOptions options, RelayTopics topics, RelaySender sender, TimeProvider time, ILogger log)
{
    private const int DialsMax = 8; // chosen: a hundred TLS handshakes at once would keep a small machine busy for seconds
    private const long LingerMs = 60_000; // chosen: an upstream that is not done by then hears the Will of a client that is gone, once more

    private readonly bool _isOn = UpstreamProfile.Find(options.Profile) is { HasWill: true, HasRetain: true };
    private readonly Dictionary<string, DeviceWill> _byClient = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeviceWill> _byTopic = new(StringComparer.Ordinal);
    private readonly List<DeviceWill> _leaving = [];
    private readonly HashSet<DeviceWill> _wanted = []; // that have no connection yet
    private readonly HashSet<WillLink> _dialing = [];
    private UplinkTerms? _terms;
    private int _links;
    private bool _lossLogged;
    private bool _boundLogged;

    /// <summary>Wills that the upstream holds.</summary>
    public int HeldCount => _byClient.Values.Count(static w => w.IsHeld);

    /// <summary>A client is here, with a Will or without.</summary>
    public void ClientCame(string clientId, WillMessage? will)
    {
        bool isNew = true;
        if (_byClient.TryGetValue(clientId, out DeviceWill? before))
        {
            isNew = will is null || !before.IsFor(will);
            if (isNew)
                Forget(before, dropsWill: true);
            else
                Stay(before);
        }

        if (!isNew || !_isOn || will is not { Retain: true } || !topics.Wants(will.Topic) || !topics.Find(will.Topic)!.KeepsRetain)
            return;
        // Two clients with one Will topic have no state of their own there: the first one's counts.
        DeviceWill mine = new(clientId, will) { OwesState = before is not null };
        if (!_byTopic.TryAdd(will.Topic, mine))
            return;
        _byClient.Add(clientId, mine);
        Want(mine);
    }

    /// <summary>The client is gone. Its Will stays where it is until what it has left behind is upstream (<see cref="Tick"/>).</summary>
    public void ClientLeft(string clientId)
    {
        if (!_byClient.TryGetValue(clientId, out DeviceWill? will) || will.LeftMs is not null)
            return;
        will.LeftMs = broker.Turn.NowMs;
        _leaving.Add(will);
        if (_terms is null)
            Forget(will, dropsWill: false);
    }

    /// <summary>Whether the upstream may keep a retained message. It may keep what the Will itself says.</summary>
    public bool MayRetain(Message message)
    {
        if (!_byTopic.TryGetValue(message.Topic, out DeviceWill? will) || will.IsHeld || message.Payload.AsSpan().SequenceEqual(will.Will.Payload))
            return true;
        will.OwesState = true;
        return false;
    }

    /// <summary>The topic is of a device that is here: nobody upstream knows better whether it is.</summary>
    public bool IsOfClientHere(string topic) => _byTopic.TryGetValue(topic, out DeviceWill? will) && will.LeftMs is null;

    /// <summary>The relay is connected.</summary>
    public void Attach(UplinkTerms terms)
    {
        _lossLogged = false;
        if (!terms.HasRetain)
            return;
        _terms = terms;
        foreach (DeviceWill will in _byClient.Values)
        {
            will.OwesState = true; // the upstream may have published it
            Want(will);
        }
    }

    /// <summary>The relay is not connected any more: nor is anything that would be told upstream.</summary>
    public void Detach()
    {
        _terms = null;
        _wanted.Clear();
        foreach (DeviceWill will in _byClient.Values)
            EndLink(will, dropsWill: false);
        foreach (DeviceWill will in _leaving.ToArray())
            Forget(will, dropsWill: false);
    }

    /// <summary>Time has gone by: Wills of clients that are gone may be dropped.</summary>
    public void Tick()
    {
        foreach (DeviceWill will in _leaving.ToArray())
        {
            if (broker.Sessions.HasWillToPublish(will.ClientId))
                continue;
            if (!sender.IsIdle && broker.Turn.NowMs - will.LeftMs < LingerMs)
                continue;
            Forget(will, dropsWill: sender.IsIdle);
            TellState(will);
        }
    }

    private void Want(DeviceWill will)
    {
        if (_terms is not null)
            _ = _wanted.Add(will);
        Dial();
    }

    private void Dial()
    {
        while (_terms is { } terms && _links < options.DeviceWillsMax && _dialing.Count < DialsMax && _wanted.FirstOrDefault() is { } will)
        {
            _ = _wanted.Remove(will);
            WillLink link = will.Link = Link(will, terms);
            _links++;
            _ = _dialing.Add(link);
            _ = Task.Run(link.RunAsync);
        }

        if (_links < options.DeviceWillsMax || _wanted.Count == 0 || _boundLogged)
            return;
        _boundLogged = true;
        log.TooManyDeviceWills(options.Name, options.DeviceWillsMax);
    }

    private WillLink Link(DeviceWill will, UplinkTerms terms)
    {
        RelayRoute route = topics.Find(will.Will.Topic)!;
        QoS qos = will.Will.QoS < route.QoSMax ? will.Will.QoS : route.QoSMax;
        WillMessage there = new()
        {
            Topic = route.Topic,
            Payload = will.Will.Payload,
            QoS = qos < terms.QoSMax ? qos : terms.QoSMax,
            Retain = true,
            // Without its delay: what is not known to be so is not shown.
            Properties = new WillProperties { PublishProperties = will.Will.Properties.PublishProperties },
        };
        UplinkIdentity identity = new($"{options.ClientId}/{will.ClientId}", there, IsGateway: false);
        UplinkHandshake handshake = new(terms.Address, options, identity, broker.Limits.PacketBytesMax);
        UplinkConnector connector = new(terms.Address, options, handshake, broker.Limits, time, [new UplinkForm(terms.Version, AsBridge: false)]);
        return new WillLink(connector, options, broker.Limits, broker.Turn, time)
        {
            Held = link => HeldBy(will, link),
            Lost = (link, end) => LostBy(will, link, end),
        };
    }

    private void HeldBy(DeviceWill will, WillLink link)
    {
        Dialed(link);
        if (will.Link != link)
            return;
        will.IsHeld = true;
        TellState(will);
    }

    private void TellState(DeviceWill will)
    {
        if (!will.OwesState)
            return;
        will.OwesState = false;
        foreach (Message retained in broker.Retained.Match(will.Will.Topic, broker.Turn.NowMs))
            sender.SendAhead(Copy(retained));
    }

    private void LostBy(DeviceWill will, WillLink link, UplinkEnd end)
    {
        Dialed(link);
        if (will.Link != link)
            return;
        // Lost together with the link of the gateway, which says so itself, or made anew at once: no line for that.
        bool isNews = !will.IsHeld && !_lossLogged;
        _lossLogged |= isNews;
        will.IsHeld = false;
        will.OwesState = true;
        if (isNews)
            log.DeviceWillNotHeld(options.Name, will.ClientId, end.Reason, end.Detail);
    }

    private void Dialed(WillLink link)
    {
        if (_dialing.Remove(link))
            Dial();
    }

    // It came back in time.
    private void Stay(DeviceWill will)
    {
        will.LeftMs = null;
        _ = _leaving.Remove(will);
    }

    private void Forget(DeviceWill will, bool dropsWill)
    {
        _ = _wanted.Remove(will);
        _ = _leaving.Remove(will);
        _ = _byClient.Remove(will.ClientId);
        _ = _byTopic.Remove(will.Will.Topic);
        EndLink(will, dropsWill);
        Dial();
    }

    private void EndLink(DeviceWill will, bool dropsWill)
    {
        if (will.Link is not { } link)
            return;
        will.Link = null;
        will.IsHeld = false;
        _links--;
        _ = _dialing.Remove(link);
        link.End(dropsWill);
    }

    // The one in the retained messages may be on its way as well, and be acknowledged by itself.
    private static Message Copy(Message message) => new()
    {
        Topic = message.Topic,
        TopicUtf8 = message.TopicUtf8,
        Payload = message.Payload,
        Properties = message.Properties,
        QoS = QoS.AtLeastOnce,
        Retain = true,
        Origin = Origin.Gateway,
        AcceptedMs = message.AcceptedMs,
        ExpiresMs = message.ExpiresMs,
    };
}
