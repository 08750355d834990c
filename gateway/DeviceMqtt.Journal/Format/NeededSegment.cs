using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>A segment that a snapshot counts on.</summary>
/// <param name="Number">Of the segment.</param>
/// <param name="LastPosition">Of the last record that was in it when the snapshot was taken; 0 when that is not known. Fewer is damage.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NeededSegment(long Number, long LastPosition);
