using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Keeping;

// How the disk fares.
internal sealed partial class JournalCustody : IDisk
{
    /// <summary>The disk, or our share of it, is full: no new messages and Sessions that would have to be kept.</summary>
    public bool IsFull => _journal is { IsFull: true } || OwesRestore;

    /// <inheritdoc/>
    public bool IsFullFor(int contentBytes) => _journal is { } journal && journal.IsFullFor((long)contentBytes + MessageRecord.AroundBytesMax);

    /// <inheritdoc/>
    public bool CanEverHold(int contentBytes) => _journal is not { } journal || (long)contentBytes + MessageRecord.AroundBytesMax <= journal.LargestRecordBytes;

    /// <inheritdoc/>
    public long RoomBytes
    {
        get
        {
            if (_journal is not { IsFailed: false } journal)
                return long.MaxValue;
            long waiting = journal.WaitingBytes;
            long waitingMax = waiting < journal.WaitingBytesLeast ? journal.WaitingBytesLeast : journal.WaitingBytesMax;
            long room = Math.Min(ground.Limits.JournalPendingBytesMax - journal.PendingBytes, waitingMax - waiting);
            // A full one is not behind: what waits for it may wait for long, and what there is no room for is refused.
            return room <= 0 && journal.IsFull ? long.MaxValue : room;
        }
    }

    /// <inheritdoc/>
    public long WaitingBytesMax => _journal is { } journal ? Math.Min(ground.Limits.JournalPendingBytesMax, journal.WaitingBytesMax) : long.MaxValue;

    /// <inheritdoc/>
    public bool HasFailed => _journal is { IsFailed: true };

    /// <inheritdoc/>
    public void Commit() => _journal?.Commit();
}
