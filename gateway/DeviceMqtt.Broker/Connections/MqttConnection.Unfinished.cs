using DeviceMqtt.Broker.Budgets;

namespace DeviceMqtt.Broker.Connections;

// Memory for a packet that is not whole, or waits for the disk (UnfinishedPackets).
internal sealed partial class MqttConnection
{
    private long _countedUnfinished;
    private long _toCome;
    private bool _isHeldForMemory;

    /// <summary>Bytes of the packet that is not whole, when it is: what its header says. 0 where there is none, or where that is not known.</summary>
    public long DeclaredBytes { get; set; }

    /// <summary>A large packet of it is not whole, and is read on until it is.</summary>
    public bool IsCollecting { get; private set; }

    /// <summary>How much of it is to come yet; null when none is collected any more.</summary>
    public void Collect(long? toCome)
    {
        bool collects = toCome is not null;
        if (!collects && !IsCollecting)
            return;
        Owner.Collect((collects ? 1 : 0) - (IsCollecting ? 1 : 0), (toCome ?? 0) - _toCome);
        (IsCollecting, _toCome) = (collects, toCome ?? 0);
    }

    /// <summary>So many bytes of a packet that is not whole are there, and stay.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="nowMs">When.</param>
    /// <returns>False when there is no memory for them.</returns>
    public bool TryKeepUnfinished(long bytes, long nowMs)
    {
        if (bytes == UnfinishedBytes && !_isHeldForMemory)
            return true;
        NoteUnfinished(bytes, nowMs);
        return TryCount(CountedOf(bytes));
    }

    /// <summary>The same of one that is not read on until the disk gets further: what its transport has in any case does not count. It is asked again with each look.</summary>
    public void HoldUnfinished(long bytes, long nowMs)
    {
        NoteUnfinished(bytes, nowMs);
        Memory.Take(MoreIfHeld(bytes));
        _countedUnfinished += MoreIfHeld(bytes);
        _isHeldForMemory = true;
    }

    /// <summary>The same of one that is not read on until there is memory for all of it: what is there counts.</summary>
    /// <returns>False when there is no memory for that.</returns>
    public bool TryHoldUnfinished(long bytes, long nowMs)
    {
        NoteUnfinished(bytes, nowMs);
        return _isHeldForMemory = TryCount(CountedOf(bytes));
    }

    /// <summary>How many more have to be counted for so many bytes of a packet that is not whole.</summary>
    public long More(long bytes) => CountedOf(bytes) - _countedUnfinished;

    /// <summary>The same of one that is not read on; less than nothing is given back.</summary>
    public long MoreIfHeld(long bytes) => Math.Max(0, bytes - ReadAheadBytes) - _countedUnfinished;

    private void NoteUnfinished(long bytes, long nowMs)
    {
        if (bytes != UnfinishedBytes)
            UnfinishedMs = nowMs;
        UnfinishedBytes = bytes;
    }

    private static long CountedOf(long bytes) => Math.Max(0, bytes - MemoryCost.OutputBlock); // a block is a part of every connection

    private bool TryCount(long unfinished)
    {
        if (unfinished > _countedUnfinished && !Memory.TryTake(unfinished - _countedUnfinished))
            return false;
        _isHeldForMemory = false;
        if (unfinished < _countedUnfinished)
            Memory.Give(_countedUnfinished - unfinished);
        _countedUnfinished = unfinished;
        return true;
    }
}
