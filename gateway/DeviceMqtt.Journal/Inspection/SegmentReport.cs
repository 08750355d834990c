namespace DeviceMqtt.Journal;

/// <summary>What is in one segment file.</summary>
/// <param name="Name">Of the file.</param>
/// <param name="FirstPosition">Of the first record that may be in it.</param>
/// <param name="LastPosition">Of the last one that is sound.</param>
/// <param name="Frames">Sound frames.</param>
/// <param name="Records">In them.</param>
/// <param name="Bodies">Among those.</param>
/// <param name="Bytes">That the frames take.</param>
/// <param name="TornBytes">Of a frame at the end that was being written.</param>
/// <param name="Damage">What is wrong, with the place; empty when nothing is.</param>
public sealed record SegmentReport(string Name, long FirstPosition, long LastPosition, long Frames, long Records, long Bodies, long Bytes, long TornBytes, IReadOnlyList<string> Damage);
