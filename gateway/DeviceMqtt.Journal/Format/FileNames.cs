using System.Globalization;

namespace DeviceMqtt.Journal;

/// <summary>The names of the files in a journal's folder.</summary>
internal static class FileNames
{
    private const string SegmentSuffix = ".segment";
    private const string SpareSuffix = ".spare";
    private const string SnapshotSuffix = ".snapshot";
    private const string UnfinishedSuffix = ".tmp";

    /// <summary>An empty file that says: after a failed write or sync the cache of the system shows more than the disk has.</summary>
    public const string Distrusted = "tail.distrusted";

    public static string Segment(long number) => Name(number, SegmentSuffix);

    public static string Spare(long number) => Name(number, SpareSuffix);

    public static string Snapshot(long upTo) => Name(upTo, SnapshotSuffix);

    public static string Unfinished(string name) => name + UnfinishedSuffix;

    public static bool IsSegment(string name, out long number) => IsNumbered(name, SegmentSuffix, out number);

    public static bool IsSpare(string name) => IsNumbered(name, SpareSuffix, out _);

    public static bool IsSnapshot(string name, out long upTo) => IsNumbered(name, SnapshotSuffix, out upTo);

    public static bool IsUnfinished(string name) => name.EndsWith(UnfinishedSuffix, StringComparison.Ordinal);

    // Twenty digits: they sort as numbers do.
    private static string Name(long number, string suffix) => number.ToString("D20", CultureInfo.InvariantCulture) + suffix;

    private static bool IsNumbered(string name, string suffix, out long number)
    {
        number = 0;
        return name.EndsWith(suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
