namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// Devices in the order in which they were heard: which of them is forgotten for another. Never one that is connected, and none that was heard within the last hour: where more speak than are kept,
/// they would take each other's place with every message. Owned by the turn.
/// </summary>
internal sealed class HeardOrder
{
    /// <summary>Who was heard since is kept. Chosen: most boards speak more often, and who sleeps for longer is forgotten only where there is no room.</summary>
    public const long KeptMs = 3_600_000;

    private const int LooksMax = 64; // chosen: so many are asked whether they are connected, for one that comes
    private readonly LinkedList<DeviceEntry> _order = new();

    /// <summary>It is kept from now on. One that only a retained birth tells of goes before all that were heard.</summary>
    public void Add(DeviceEntry device, bool isHeard) => device.Place = isHeard ? _order.AddLast(device) : _order.AddFirst(device);

    public void Heard(DeviceEntry device)
    {
        if (device.Place?.Next is null)
            return; // it is the last, or forgotten
        _order.Remove(device.Place);
        _order.AddLast(device.Place);
    }

    public void Remove(DeviceEntry device) => _order.Remove(device.Place!);

    /// <summary>The one that was heard longest ago, of those that may be forgotten; null where there is none.</summary>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="isHere">Whether a client is connected, by its Client Identifier.</param>
    public DeviceEntry? Oldest(long nowMs, Func<string, bool> isHere)
    {
        for (int looks = 0; looks < LooksMax && _order.First is { Value: var first } && nowMs - first.HeardMs >= KeptMs; looks++)
        {
            if (first.ClientId.Length == 0 || !isHere(first.ClientId))
                return first;
            Heard(first); // it is here, though it says nothing: those behind it are looked at
        }

        return null;
    }
}
