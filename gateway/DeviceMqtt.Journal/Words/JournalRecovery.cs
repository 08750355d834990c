using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>What an open found.</summary>
/// <param name="Segments">Segment files.</param>
/// <param name="Records">Records read, those before the snapshot included.</param>
/// <param name="Bytes">Bytes of frames read.</param>
/// <param name="SnapshotPosition">Up to where the snapshot goes; 0 without one.</param>
/// <param name="CutBytes">Bytes of a torn last frame that were cut off: nothing in them was reported durable.</param>
/// <param name="Elapsed">How long it took.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct JournalRecovery(int Segments, long Records, long Bytes, long SnapshotPosition, long CutBytes, TimeSpan Elapsed);
