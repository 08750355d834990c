using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Log;

namespace DeviceMqtt.Relay.Presence;

/// <content>The connections that the Wills are held by.</content>
internal sealed partial class DeviceWills
{
    private const int DialsMax = 8; // chosen: a hundred TLS handshakes at once would keep a small machine busy for seconds

    private readonly HashSet<DeviceWill> _wanted = []; // that have no connection yet
    private readonly HashSet<WillLink> _dialing = [];
    private WillLink? _refused; // goes on asking for all of them
    private int _links;
    private bool _lossLogged;
    private bool _boundLogged;

    private void Connect(DeviceWill will)
    {
        if (_terms is not null)
            _ = _wanted.Add(will);
        Dial();
    }

    private void Dial()
    {
        while (_terms is { } terms && _refused is null && _links < options.DeviceWillsMax && _dialing.Count < DialsMax && _wanted.FirstOrDefault() is { } will)
        {
            _ = _wanted.Remove(will);
            WillLink link = will.Link = Link(will, terms);
            _links++;
            _ = _dialing.Add(link);
            _ = link.RunAsync();
        }

        if (_links < options.DeviceWillsMax || _wanted.Count == 0 || _boundLogged || options.DeviceWillsMax == 0)
            return;
        _boundLogged = true;
        log.TooManyDeviceWills(options.Name, options.DeviceWillsMax);
    }

    private WillLink Link(DeviceWill will, UplinkTerms terms)
    {
        QoS most = dialect.Topics.Find(will.Will.Topic)?.QoSMax ?? QoS.AtMostOnce;
        QoS qos = will.Will.QoS < most ? will.Will.QoS : most;
        WillMessage there = new()
        {
            Topic = will.There,
            Payload = will.Will.Payload,
            QoS = qos < terms.QoSMax ? qos : terms.QoSMax,
            Retain = true,
            // Without its delay: what is not known to be so is not shown. It does not come down again.
            Properties = new WillProperties { PublishProperties = [.. will.Will.Properties.PublishProperties, .. dialect.Properties.Via] },
        };
        UplinkIdentity identity = new(TellersOfPresence.IdOf(options.ClientId, will.ClientId), there, IsGateway: false);
        UplinkHandshake handshake = new(terms.Address, options, identity, broker.Limits.PacketBytesMax);
        UplinkConnector connector = new(terms.Address, options, handshake, broker.Limits, world, [new UplinkForm(terms.Version, AsBridge: false)]);
        return new WillLink(connector, options, broker.Limits, broker.Turn, world)
        {
            Held = link => HeldBy(will, link),
            Lost = (link, end) => LostBy(will, link, end),
        };
    }

    private void HeldBy(DeviceWill will, WillLink link)
    {
        _ = _dialing.Remove(link);
        if (_refused == link)
            _refused = null;
        if (will.Link == link)
        {
            will.IsHeld = true;
            if (will.OwesState && _terms is not null)
                TellState(will);
        }

        Dial();
    }

    private void LostBy(DeviceWill will, WillLink link, UplinkEnd end)
    {
        _ = _dialing.Remove(link);
        if (will.Link == link)
        {
            // Lost together with the link of the gateway, which says so itself, or made anew at once: no line for that.
            bool isNews = !will.IsHeld && !_lossLogged;
            _lossLogged |= isNews;
            will.IsHeld = false;
            will.OwesState = true;
            if (isNews)
                log.DeviceWillNotHeld(options.Name, will.ClientId, end.Reason, end.Detail);
            if (end.Reason is UplinkEndReason.NotAuthorized or UplinkEndReason.ConnectRejected)
                RefusedBy(will, link);
        }

        Dial();
    }

    // The others would be refused too: one asks again, with its pauses, and they wait for it.
    private void RefusedBy(DeviceWill will, WillLink link)
    {
        _refused ??= link;
        if (_refused == link)
            return;
        EndLink(will, dropsWill: false);
        _ = _wanted.Add(will);
    }

    private void EndLink(DeviceWill will, bool dropsWill)
    {
        if (will.Link is not { } link)
            return;
        will.Link = null;
        will.IsHeld = false;
        _links--;
        _ = _dialing.Remove(link);
        if (_refused == link)
            _refused = null;
        link.End(dropsWill);
    }
}
