using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>The live Bodies of <see cref="BodyTable.PieceBits"/> positions. It is a value in a <see cref="PieceTable"/>; where its Bodies lie is known to <see cref="BodyRuns"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct BodyPiece
{
    /// <summary>Of the positions, what is left without the last bits.</summary>
    public long Number;

    /// <summary>Which positions have a Body.</summary>
    public ulong Live;

    /// <summary>Which positions have a place in the run, in their order. What was removed keeps its place until the piece has a smaller run.</summary>
    public ulong Placed;

    /// <summary>The next in the same bucket of the table; 0 behind the last.</summary>
    public int Next;

    /// <summary>The number of its run among those of that size.</summary>
    public int Run;

    /// <summary>Of the run (<see cref="BodyRuns"/>).</summary>
    public byte Size;
}
