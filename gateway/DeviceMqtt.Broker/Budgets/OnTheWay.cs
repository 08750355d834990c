namespace DeviceMqtt.Broker.Budgets;

/// <summary>
/// Bytes on their way to the disk, counted by two positions and not by one for each message: what was added since the older one is there counts
/// until the newer one is. Never less than what is on its way. Owned by the turn.
/// </summary>
internal sealed class OnTheWay
{
    private long _olderBytes;
    private long _olderUntil;
    private long _newerBytes;
    private long _newerUntil;

    /// <summary>As it was when somebody last looked at the disk: what is on its way now is no more.</summary>
    public long Bytes => _olderBytes + _newerBytes;

    /// <param name="bytes">So many more.</param>
    /// <param name="position">They are on the disk when the journal is up to here.</param>
    /// <param name="durable">Where it is now.</param>
    public void Add(long bytes, long position, long durable)
    {
        if (At(durable) == 0)
            (_olderBytes, _olderUntil) = (bytes, position);
        else
            (_newerBytes, _newerUntil) = (_newerBytes + bytes, position);
    }

    /// <summary>Bytes on their way when the disk has everything up to this position.</summary>
    public long At(long durable)
    {
        if (durable >= _olderUntil)
            (_olderBytes, _olderUntil, _newerBytes) = (_newerBytes, _newerUntil, 0);
        if (durable >= _olderUntil)
            _olderBytes = 0;
        return Bytes;
    }
}
