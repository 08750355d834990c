using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Recovery;

/// <content>Known devices, and whose they are.</content>
internal sealed partial class RecoveredState
{
    // With the number of the record that said so, for their order, and of the one that gave it to another user than before; 0 for none.
    private readonly Dictionary<string, (long Applied, UserIdentity User, long Since)> _devices = new(StringComparer.Ordinal);

    // The same of those that were forgotten and are not known again.
    private readonly Dictionary<string, (long Applied, UserIdentity User, long Since)> _forgotten = new(StringComparer.Ordinal);

    // When an operator had a client forgotten: what was held or sent before that is for nobody.
    private readonly Dictionary<string, long> _forNobody = new(StringComparer.Ordinal);

    /// <summary>How many devices are known.</summary>
    public int DeviceCount => _devices.Count;

    /// <summary>Known devices, the one that is forgotten first at the beginning.</summary>
    public IEnumerable<(string ClientId, UserIdentity User)> Devices => _devices.OrderBy(d => d.Value.Applied).Select(d => (d.Key, d.Value.User));

    /// <summary>The same in no order, each with the number of the record that said last that it is known.</summary>
    public IEnumerable<(string ClientId, long Applied)> DevicesKnownAt => _devices.Select(static d => (d.Key, d.Value.Applied));

    /// <summary>Those of them that are to be reached from upstream.</summary>
    public HashSet<string> Reachable { get; } = new(StringComparer.Ordinal);

    /// <summary>What known clients were let in as, the last time.</summary>
    public Dictionary<string, ClientRole> Roles { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// An entry waited for another user than the one that has its Client Identifier now: the device has gone over to that one since, or there was a Session of
    /// the other, which has ended.
    /// </summary>
    public bool IsOfFormerUser(in RecoveredEntry entry)
    {
        if (_devices.TryGetValue(entry.Held.Owner, out (long, UserIdentity User, long Since) device))
            return entry.HeldAt < device.Since || UserOf(entry).IsOther(device.User);
        return Sessions.TryGetValue(entry.Held.Owner, out RecoveredSession? session) && UserOf(entry).IsOther(session.Terms.User);
    }

    /// <summary>The user that an entry waited for whose Session has ended, or whose device is forgotten; no name where nobody knows, and for any other.</summary>
    public UserIdentity UserOf(in RecoveredEntry entry)
    {
        if (entry.OfEndedSession is { } ended)
            return ended.Identity;
        return HasEnded(entry) ? _ended[entry.Held.Owner].User : _forgotten.GetValueOrDefault(entry.Held.Owner).User;
    }

    /// <summary>An operator has had the client forgotten that an entry waited for, and the gateway was gone before all of that was settled.</summary>
    public bool IsForNobody(in RecoveredEntry entry) => entry.OfEndedSession is { IsForNobody: true } || entry.HeldAt < _forNobody.GetValueOrDefault(entry.Held.Owner);

    private void ApplyDeviceKnown(string clientId, in UserIdentity user)
    {
        if (!_devices.TryGetValue(clientId, out (long, UserIdentity User, long Since) before))
            _ = _forgotten.Remove(clientId, out before);
        _devices[clientId] = (_applied, user, before.User.IsOther(user) ? _applied : before.Since);
    }

    private void ApplyDeviceForgotten(string clientId, bool ofAll)
    {
        if (ofAll)
        {
            ApplySessionEnded(clientId);
            _forNobody[clientId] = _applied;
        }

        // What its last Session left behind may not be settled when another user comes.
        if (_devices.Remove(clientId, out (long, UserIdentity, long) device))
            _forgotten[clientId] = device;
        _ = Reachable.Remove(clientId);
        _ = Roles.Remove(clientId);
    }
}
