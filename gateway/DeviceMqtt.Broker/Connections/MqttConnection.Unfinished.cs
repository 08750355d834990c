using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Broker.Connections;

// Memory for a packet that is not whole, or waits for the disk (UnfinishedPackets).
internal sealed partial class MqttConnection
{
    private long _countedUnfinished;
    private long _toCome;
    private bool _isHeldForMemory;
    private long _packetBeganMs; // or went on, when the gateway had not read it
    private LinkedListNode<object>? _turnToCollect; // among those of its owner that are held for memory

    /// <summary>The PUBLISH at hand has not gone to all, and the connection is not read before; null for none.</summary>
    public FanOut? Left { get; set; }

    /// <summary>Bytes of the whole packet, as its header says, while only a part of it has arrived; 0 otherwise.</summary>
    public long DeclaredBytes { get; set; }

    /// <summary>A packet of it is not whole, and its client has to send more: it is read.</summary>
    public bool IsInPacket => UnfinishedBytes > 0 && Left is null && !_isHeldForMemory && !WaitsForDisk && !IsPaused && !Output.HoldsBackItsClient;

    /// <summary>Milliseconds that the packet that is not whole stands still, or is behind <see cref="UnfinishedMsPerByte"/>.</summary>
    public long PacketStallMs(long nowMs) => Math.Max(nowMs - UnfinishedMs, nowMs - Math.Max(_packetBeganMs, LastReceivedMs) - (UnfinishedBytes * UnfinishedMsPerByte));

    /// <summary>A large packet of it is not whole, and is read on until it is.</summary>
    public bool IsCollecting { get; private set; }

    /// <summary>Nobody of its owner is held for memory, or it is the first of them.</summary>
    public bool IsNextToCollect => Owner.IsNextToCollect(_turnToCollect);

    /// <summary>Says how many bytes of a large packet are to come yet; null when none is collected, or waits for that, any more.</summary>
    public void Collect(long? toCome)
    {
        if (_turnToCollect is { } turn)
        {
            _turnToCollect = null;
            Owner.LeaveTurnToCollect(turn);
        }

        CountToCome(toCome);
    }

    /// <summary>There is no memory for it now: it goes on before all others that are held, for it has a part already.</summary>
    public void PauseCollecting()
    {
        if (!IsCollecting)
            return;
        CountToCome(null);
        _turnToCollect ??= Owner.TakeTurnToCollect(this, isFirst: true);
    }

    /// <summary>It waits until it may be collected, behind those who wait already.</summary>
    public void WaitToCollect() => _turnToCollect ??= Owner.TakeTurnToCollect(this, isFirst: false);

    private void CountToCome(long? toCome)
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

    /// <summary>Holds a packet until the disk gets further. What its transport has in any case does not count. To be called again with each look.</summary>
    public void HoldUnfinished(long bytes, long nowMs)
    {
        NoteUnfinished(bytes, nowMs);
        Memory.Take(MoreIfHeld(bytes));
        _countedUnfinished += MoreIfHeld(bytes);
        _isHeldForMemory = true;
    }

    /// <summary>Holds a packet until there is memory for all of it, in turn of those of its owner. What has arrived counts.</summary>
    /// <returns>False when there is no memory for that.</returns>
    public bool TryHoldUnfinished(long bytes, long nowMs)
    {
        NoteUnfinished(bytes, nowMs);
        WaitToCollect();
        return _isHeldForMemory = TryCount(CountedOf(bytes));
    }

    /// <summary>Monotonic milliseconds since when a packet of it waits because all together have the memory; null when none does.</summary>
    public long? WaitsForAllSinceMs { get; set; }

    /// <summary>Holds a packet until there is memory. What was read of it last does not count.</summary>
    public void HoldAsItIs(long bytes, long nowMs)
    {
        NoteUnfinished(bytes, nowMs);
        _isHeldForMemory = true;
    }

    /// <summary>How many more have to be counted for so many bytes of a packet that is not whole.</summary>
    public long More(long bytes) => CountedOf(bytes) - _countedUnfinished;

    /// <summary>How many more have to be counted while it is held for the disk; below 0 when some are given back.</summary>
    public long MoreIfHeld(long bytes) => Math.Max(0, bytes - ReadAheadBytes) - _countedUnfinished;

    private void NoteUnfinished(long bytes, long nowMs)
    {
        if (UnfinishedBytes == 0 || _isHeldForMemory)
            _packetBeganMs = nowMs;
        if (bytes != UnfinishedBytes || _isHeldForMemory)
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
