namespace DeviceMqtt.Journal;

/// <summary>
/// Looks for frames in a segment where it is not known where one begins. What lies there may be what a former use of the file left behind: bytes that a device
/// has chosen, so as to look like the beginnings of as many frames as there is room for. So each costs the same, whatever length it claims.
/// </summary>
/// <param name="bytes">Of the segment, or a part of it.</param>
internal sealed class FrameSearch(ReadOnlyMemory<byte> bytes)
{
    // Only for a segment in which there is something to be told from a frame.
    private StretchChecksums? _checksums;

    /// <summary>Checksums of whole frames that were computed.</summary>
    public int Computed { get; private set; }

    /// <summary>The next sound frame. Frames of a former use of the file have another salt; a sound one is of this use.</summary>
    /// <param name="from">Where to look first.</param>
    /// <param name="salt">Of the segment.</param>
    /// <param name="next">The record that would come next, and where.</param>
    /// <param name="before">The first record that a later segment has: that one counts.</param>
    /// <param name="frame">Its header.</param>
    /// <returns>Where it begins; null where there is none.</returns>
    public int? Find(int from, uint salt, (long Position, long Offset) next, long before, out FrameHeader frame)
    {
        ReadOnlySpan<byte> all = bytes.Span;
        for (int at = from; at < all.Length; at++)
        {
            int found = all[at..].IndexOf(FrameHeader.MagicBytes);
            if (found < 0)
                break;
            at += found;
            // Records follow each other without a gap, and none is shorter than its header.
            if (FrameHeader.TryRead(all[at..], out frame) && frame.FirstPosition >= next.Position && frame.FirstPosition < before
                && frame.FirstPosition - next.Position <= Math.Max(0, at - next.Offset) / RecordHeader.EventBytes && (long)frame.Count * RecordHeader.EventBytes <= frame.Length
                && Fits(frame, at, salt))
                return at;
        }

        frame = default;
        return null;
    }

    /// <summary>The salt of the segment, where its header is gone. Each frame fits some salt; two that follow each other fit the same one only if they were written with it. What a former use
    /// of the file has left behind has lower positions.</summary>
    public uint? FindSalt()
    {
        ReadOnlySpan<byte> all = bytes.Span;
        uint? salt = null;
        long newest = 0;
        for (int at = 0; all[at..].IndexOf(FrameHeader.MagicBytes) is >= 0 and int found; at++)
        {
            at += found;
            if (!FrameHeader.TryRead(all[at..], out FrameHeader frame) || frame.FirstPosition <= newest)
                continue;
            int behind = at + FrameHeader.Bytes + frame.Length;
            if (!FrameHeader.TryRead(all[behind..], out FrameHeader second) || second.FirstPosition != frame.FirstPosition + frame.Count)
                continue;
            Computed++;
            uint its = Crc32C.SeedOf(Checksums.SeedOf(frame.Crc, at + FrameHeader.Bytes, behind), all.Slice(at, FrameHeader.CrcOffset));
            if (Fits(second, behind, its))
                (salt, newest) = (its, frame.FirstPosition);
        }

        return salt;
    }

    private StretchChecksums Checksums => _checksums ??= new StretchChecksums(bytes);

    private bool Fits(in FrameHeader frame, int at, uint salt)
    {
        Computed++;
        uint ofHeader = Crc32C.Compute(salt, bytes.Span.Slice(at, FrameHeader.CrcOffset));
        return Checksums.Compute(ofHeader, at + FrameHeader.Bytes, at + FrameHeader.Bytes + frame.Length) == frame.Crc;
    }
}
