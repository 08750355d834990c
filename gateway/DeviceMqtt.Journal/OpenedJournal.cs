namespace DeviceMqtt.Journal;

/// <summary>What an open has found, and what belongs to the journal from then on.</summary>
/// <param name="Segments">All there are.</param>
/// <param name="Bodies">Where each Body is that is needed.</param>
/// <param name="Recovery">In figures.</param>
/// <param name="LastPosition">Of the last record.</param>
/// <param name="EventBytes">Of events that no snapshot covers.</param>
/// <param name="FolderLock">Keeps other processes out until it is disposed of.</param>
internal sealed record OpenedJournal(SegmentSet Segments, BodyTable Bodies, JournalRecovery Recovery, long LastPosition, long EventBytes, IDisposable FolderLock)
{
    /// <summary>Guards appending, and the figures of the segments.</summary>
    public required Lock Gate { get; init; }
}
