namespace DeviceMqtt.Journal;

/// <summary>Takes in what a journal holds, when it is opened.</summary>
public interface IJournalReplay
{
    /// <summary>
    /// The owner's state up to a position. The whole state of <see cref="RecordJournal.Snapshot"/> comes once, before all
    /// records; slices of <see cref="RecordJournal.BeginSnapshot()"/> come in their order, between the records they were made between.
    /// </summary>
    void Snapshot(ReadOnlySpan<byte> state, long upTo);

    /// <summary>A record behind the snapshot. In order, without gaps; a Body that was copied forward comes once.</summary>
    void Record(long position, RecordLife life, ReadOnlySpan<byte> record);

    /// <summary>After the last record, for each Body on disk, also older ones: whether it is still needed.</summary>
    bool IsLive(long position);
}
