namespace DeviceMqtt.Journal;

/// <summary>What is in a journal's folder.</summary>
/// <param name="Segments">In their order.</param>
/// <param name="SnapshotPosition">Up to where the newest sound snapshot goes; 0 without one.</param>
/// <param name="SnapshotBytes">Of its state.</param>
/// <param name="Damage">Everything that is wrong; empty when the journal is sound.</param>
public sealed record JournalReport(IReadOnlyList<SegmentReport> Segments, long SnapshotPosition, long SnapshotBytes, IReadOnlyList<string> Damage)
{
    /// <summary>The position of the last record found.</summary>
    public long LastPosition => Math.Max(SnapshotPosition, Segments.Count == 0 ? 0 : Segments.Max(s => s.LastPosition));
}
