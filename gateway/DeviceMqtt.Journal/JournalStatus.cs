namespace DeviceMqtt.Journal;

/// <summary>How a journal fares.</summary>
/// <param name="BytesUsed">Bytes of all its files.</param>
/// <param name="BytesMax">Its cap.</param>
/// <param name="LiveBytes">Bytes of Bodies that are not released.</param>
/// <param name="Segments">Segments in use.</param>
/// <param name="Spares">Empty ones.</param>
/// <param name="Frames">Frames written since the open.</param>
/// <param name="Records">Records appended since the open.</param>
/// <param name="SyncMs">Milliseconds of a sync, a running average.</param>
/// <param name="Snapshots">Snapshots written since the open.</param>
/// <param name="Compacted">Records copied forward since the open.</param>
/// <param name="IsFull">An ordinary append would be refused.</param>
/// <param name="IsFailed">Nothing will be durable any more.</param>
public readonly record struct JournalStatus(
    long BytesUsed, long BytesMax, long LiveBytes, int Segments, int Spares, long Frames, long Records, double SyncMs, long Snapshots, long Compacted, bool IsFull, bool IsFailed);
