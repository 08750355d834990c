using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Log;

namespace DeviceMqtt.Relay.Uplinks;

/// <content>Whose Session it is that the upstream has, and what is said of what it takes.</content>
internal sealed partial class RelaySession
{
    private bool _isUnknownTold;

    private Kept FreedAll()
    {
        Kept kept = _broker.Custody.BeganAnew(DropOwner.Upstream(Name), Buffer.Where);
        if (kept.IsNoRoom)
            return kept;
        Buffer.HasOldIdentifiers = false;
        _ownSession.IsOurs(_terms!.Address);
        return kept;
    }

    // Where all goes at QoS 1 anyway it makes no difference.
    private void TellOld(UplinkTerms terms)
    {
        if (terms.IsOldSession && !terms.IsSameNode)
            _log.OldSession(Name, $"{terms.Address}");
        else if (terms.IsOldSession && _broker.Upstreams.IsRestored)
            _log.OldIdentifiers(Name, $"{terms.Address}");
        else if (terms.IsToBeSwept && !_isUnknownTold)
            _log.UnknownSession(Name, $"{terms.Address}");
        _isUnknownTold |= terms.IsToBeSwept;
    }

    // Once, until it is otherwise.
    private void Tell(UplinkTerms terms)
    {
        if (terms.SessionSeconds is { } seconds && seconds != SessionSeconds)
            _log.SessionExpires(Name, seconds);
        if (terms.QoSMax == QoS.AtMostOnce && _terms?.QoSMax != QoS.AtMostOnce)
            _log.OnlyQoS0(Name);
        _terms = terms;
    }

    // Nothing goes out under an identifier that a restart would take for an old one. Without room for that it is as before after a restart, and nothing waits.
    private Kept BeganAnew()
    {
        Kept kept = _broker.Custody.BeganAnew(DropOwner.Upstream(Name), Buffer.Where);
        Buffer.HasOldIdentifiers = false;
        return kept.IsNoRoom ? Kept.NotNeeded : kept;
    }
}
