namespace DeviceMqtt.Journal;

/// <summary>
/// Reads what can be read of a file that has sectors which cannot (EIO), the usual fault of an SD card. Whoever meets an error reads in pieces: zeros stand for those that
/// fail, so that checksums tell what they have hit.
/// </summary>
internal static class ReadAround
{
    /// <summary>What Linux reads from a disk at a time; a sector is no larger.</summary>
    public const int PieceBytes = 4096;

    /// <summary>Reads as <see cref="IJournalFile.Read"/> does, and goes on behind what cannot be read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="bytes">Filled; with zeros where nothing could be read.</param>
    /// <param name="gaps">What could not be read is added here.</param>
    /// <returns>How many bytes there are.</returns>
    public static int Read(IJournalFile file, long offset, Span<byte> bytes, List<Unreadable> gaps)
    {
        try
        {
            return file.Read(offset, bytes);
        }
        catch (IOException) when (bytes.Length > 0)
        {
            return ReadPieces(file, offset, bytes[..(int)Math.Clamp(file.Length - offset, 0, bytes.Length)], gaps);
        }
    }

    private static int ReadPieces(IJournalFile file, long offset, Span<byte> bytes, List<Unreadable> gaps)
    {
        for (int at = 0; at < bytes.Length;)
        {
            // Pieces are those of the file, wherever the reading began.
            Span<byte> piece = bytes[at..Math.Min(bytes.Length, at + PieceBytes - (int)((offset + at) % PieceBytes))];
            try
            {
                _ = file.Read(offset + at, piece);
            }
            catch (IOException exception)
            {
                piece.Clear();
                Add(gaps, new Unreadable(offset + at, piece.Length, exception.Message));
            }

            at += piece.Length;
        }

        return bytes.Length;
    }

    private static void Add(List<Unreadable> gaps, in Unreadable gap)
    {
        if (gaps.Count > 0 && gaps[^1].End == gap.Offset)
            gaps[^1] = gaps[^1] with { Bytes = gaps[^1].Bytes + gap.Bytes };
        else
            gaps.Add(gap);
    }
}
