using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>Where a live Body lies: in a frame that is not written yet, or in a segment. There may be millions: so it is no object, but a value in the <see cref="BodyTable"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct BodyLocation
{
    /// <summary>The number of the frame or segment (<see cref="BodyTable.PlaceOf"/>).</summary>
    public int Place;

    /// <summary>Of the record's own bytes, in the frame or in the segment's file.</summary>
    public int Offset;

    public int Length;

    /// <summary>How many need it. A Body of a recovery begins with none.</summary>
    public int Holders;

    /// <summary>Of the record's bytes.</summary>
    public uint Crc;

    /// <summary>What it takes where it is copied to.</summary>
    public readonly int CopyBytes => RecordHeader.CopyBytes + Length;
}
