using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Recovery;

/// <content>Known devices, and whose they are.</content>
internal sealed partial class RecoveredState
{
    // With the number of the record that said so, for their order, and of the one that gave it to another user than before; 0 for none.
    private readonly Dictionary<string, (long Applied, UserIdentity User, long Since)> _devices = new(StringComparer.Ordinal);

    /// <summary>Known devices, the one that connected last at the end.</summary>
    public IEnumerable<(string ClientId, UserIdentity User)> Devices => _devices.OrderBy(d => d.Value.Applied).Select(d => (d.Key, d.Value.User));

    /// <summary>Those of them that are to be reached from upstream.</summary>
    public HashSet<string> Reachable { get; } = new(StringComparer.Ordinal);

    /// <summary>What known clients were let in as, the last time.</summary>
    public Dictionary<string, ClientRole> Roles { get; } = new(StringComparer.Ordinal);

    /// <summary>An entry waited for another user than the one that has its Client Identifier now.</summary>
    public bool IsOfFormerUser(RecoveredEntry entry) => _devices.TryGetValue(entry.Held.Owner, out (long, UserIdentity, long Since) device) && entry.HeldAt < device.Since;

    /// <summary>The user of the last Session of a client that has ended; no name where nobody knows.</summary>
    public UserIdentity UserOfEnded(string clientId) => _ended.GetValueOrDefault(clientId).User;

    private void ApplyDeviceKnown(string clientId, in UserIdentity user)
    {
        bool isKnown = _devices.TryGetValue(clientId, out (long, UserIdentity User, long Since) before);
        _devices[clientId] = (_applied, user, isKnown && before.User.IsOther(user) ? _applied : before.Since);
    }

    private void ApplyDeviceForgotten(string clientId)
    {
        _ = _devices.Remove(clientId);
        _ = Reachable.Remove(clientId);
        _ = Roles.Remove(clientId);
    }
}
