using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>A part of the owner's state.</summary>
/// <param name="Position">Of the last record that it reflects.</param>
/// <param name="State">The owner's bytes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SnapshotSlice(long Position, ReadOnlyMemory<byte> State);
