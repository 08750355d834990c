using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// What devices have told, by what they are called: of <see cref="GatewayLimits.KnownDevicesMax"/> at most, and as far as there is memory. Where there is no more room, the
/// device that has told nothing for longest goes for the newest. Counts as memory of nobody in particular: a gateway below tells it of boards that have no user here. Owned by the turn.
/// </summary>
/// <typeparam name="T">What they have told.</typeparam>
internal sealed class RecentDevices<T>(Ground ground) where T : class
{
    private readonly Dictionary<string, LinkedListNode<Told>> _byName = new(StringComparer.Ordinal);
    private readonly LinkedList<Told> _order = new(); // the one that has told nothing for longest is first

    public int Count => _byName.Count;

    public T? Find(string name) => _byName.GetValueOrDefault(name)?.Value.What;

    /// <summary>A device has told something.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="what">In place of what it has told before, or the same with more in it.</param>
    /// <param name="bytes">What that takes in memory by now.</param>
    /// <returns>False when there is no memory for it, though all others were forgotten; so is this one then.</returns>
    public bool TrySet(string name, T what, int bytes)
    {
        Forget(name);
        bytes += MemoryCost.DeviceTold(name);
        while (_byName.Count >= ground.Limits.KnownDevicesMax || !Memory.HasRoomFor(bytes))
        {
            if (_order.First is not { } oldest)
                return false;
            Forget(oldest.Value.Name);
        }

        Memory.Take(bytes);
        _byName.Add(name, _order.AddLast(new Told(name, what, bytes)));
        return true;
    }

    /// <summary>It has told the same again.</summary>
    public void Touch(string name)
    {
        if (!_byName.TryGetValue(name, out LinkedListNode<Told>? told))
            return;
        _order.Remove(told);
        _order.AddLast(told);
    }

    public void Forget(string name)
    {
        if (!_byName.Remove(name, out LinkedListNode<Told>? told))
            return;
        _order.Remove(told);
        Memory.Give(told.Value.Bytes);
    }

    private Account Memory => ground.Owners.Nobody[Good.Memory];

    private sealed record Told(string Name, T What, int Bytes);
}
