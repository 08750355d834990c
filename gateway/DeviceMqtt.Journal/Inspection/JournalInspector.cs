namespace DeviceMqtt.Journal;

/// <summary>
/// Looks at a folder without opening it as a journal: nothing is changed, damage is written down and read past. For
/// operators, and for <see cref="JournalSalvage"/>.
/// </summary>
public sealed class JournalInspector(IJournalStorage storage)
{
    /// <summary>Is shown each record that is sound.</summary>
    public delegate void OnRecord(in FoundRecord record);

    /// <summary>The state of the newest sound snapshot; empty without one. After <see cref="Inspect"/>.</summary>
    public ReadOnlyMemory<byte> SnapshotState { get; private set; }

    /// <summary>Reads everything.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public JournalReport Inspect(OnRecord? onRecord = null)
    {
        List<string> damage = [];
        string[] names = [.. storage.List().Order(StringComparer.Ordinal)];
        (long upTo, long[] needed) = ReadSnapshot(names, damage);
        List<SegmentReport> segments = [];
        long last = 0;
        foreach (string name in names)
        {
            if (!FileNames.IsSegment(name, out _))
                continue;
            SegmentReport segment = new LenientScan(name, ReadFile(name)).Run(onRecord);
            segments.Add(segment);
            damage.AddRange(segment.Damage);
            if (segment.FirstPosition > last + 1 && segment.FirstPosition - 1 > upTo)
                damage.Add($"the records {Math.Max(last, upTo) + 1} to {segment.FirstPosition - 1} are missing before '{name}'");
            last = Math.Max(last, segment.LastPosition);
        }

        foreach (long number in needed)
            if (!names.Contains(FileNames.Segment(number)))
                damage.Add($"the segment '{FileNames.Segment(number)}' is missing");
        if (last < upTo)
            damage.Add($"the journal ends at record {last}, before its snapshot of record {upTo}");
        return new JournalReport(segments, upTo, SnapshotState.Length, damage);
    }

    // The newest that can be read; an older one is better than none to whoever salvages.
    private (long UpTo, long[] Needed) ReadSnapshot(string[] names, List<string> damage)
    {
        foreach (string name in names.Where(n => FileNames.IsSnapshot(n, out _)).OrderDescending(StringComparer.Ordinal))
        {
            try
            {
                (long upTo, long[] needed, SnapshotState) = SnapshotFile.Decode(ReadFile(name), name);
                return (upTo, needed);
            }
            catch (JournalException exception)
            {
                damage.Add(exception.Message);
            }
        }

        return (0, []);
    }

    private byte[] ReadFile(string name)
    {
        using IJournalFile file = storage.Open(name);
        byte[] bytes = new byte[file.Length];
        return bytes[..file.Read(0, bytes)];
    }
}
