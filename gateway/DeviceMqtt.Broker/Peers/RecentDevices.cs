using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// What devices have told, by what they are called: of <see cref="GatewayLimits.KnownDevicesMax"/> at most, and of new ones as far as there is memory. Beyond that number the
/// device that has told nothing for longest goes for the newest, of those that may go. Counts as memory of nobody in particular: a gateway below tells it of boards that have no user here. Owned by the turn.
/// </summary>
/// <typeparam name="T">What they have told.</typeparam>
/// <param name="ground">Of the broker.</param>
/// <param name="mayGo">Whether a device may go for another.</param>
internal sealed class RecentDevices<T>(Ground ground, Func<string, bool> mayGo) where T : class
{
    private const int LooksMax = 64; // chosen: so many are asked whether they may go, for one that comes

    private readonly Dictionary<string, LinkedListNode<Told>> _byName = new(StringComparer.Ordinal);
    private readonly LinkedList<Told> _order = new(); // the one that has told nothing for longest is first

    public int Count => _byName.Count;

    public T? Find(string name) => _byName.GetValueOrDefault(name)?.Value.What;

    /// <summary>A device has told something.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="what">In place of what it has told before, or the same with more in it.</param>
    /// <param name="bytes">What that takes in memory by now.</param>
    /// <returns>False for a new one when there is no memory for it, or nobody that may go.</returns>
    public bool TrySet(string name, T what, int bytes)
    {
        bytes += MemoryCost.DeviceTold(name);
        // One that is known keeps its place, also where memory has become scarce since: without it its commands would not be paced any more.
        if (!_byName.ContainsKey(name) && !(Memory.HasRoomFor(bytes) && TryMakePlace()))
            return false;
        Forget(name);
        Memory.Take(bytes);
        _byName.Add(name, _order.AddLast(new Told(name, what, bytes)));
        return true;
    }

    private bool TryMakePlace()
    {
        for (int looks = 0; _byName.Count >= ground.Limits.KnownDevicesMax; looks++)
        {
            if (looks == LooksMax || _order.First is not { } oldest)
                return false;
            if (mayGo(oldest.Value.Name))
                Forget(oldest.Value.Name);
            else
                Touch(oldest.Value.Name);
        }

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
