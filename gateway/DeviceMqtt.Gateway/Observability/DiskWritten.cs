using System.Globalization;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// What this process has had written to the disk, by the count of the system (<c>write_bytes</c> of <c>/proc/self/io</c>, proc(5)): whole pages, the journal's and
/// all other files'. What it had written and was deleted before it got there is taken off. What the file system adds for itself, and what the card does inside, is not in it.
/// </summary>
internal static class DiskWritten
{
    /// <summary>
    /// What a card of 32 GB is rated for: SanDisk's High Endurance card of that size for 2,500 hours of video at 26 Mbit/s, which is 29 TB. A card without
    /// a rating may bear a tenth.
    /// </summary>
    public const long CardBytesRated = 29_250_000_000_000;

    private const string Path = "/proc/self/io";

    /// <summary>Bytes since the start of the process; 0 where the system does not tell.</summary>
    public static long Bytes()
    {
        try
        {
            return File.Exists(Path) ? Read(File.ReadAllText(Path)) : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0; // a system that hides it
        }
    }

    /// <summary>Reads the text of such a file.</summary>
    public static long Read(string text) => Math.Max(0, Value(text, "write_bytes: ") - Value(text, "cancelled_write_bytes: "));

    /// <summary>Years that such a card bears; 0 where nothing is known.</summary>
    public static long CardYears(long bytesPerDay) => bytesPerDay <= 0 ? 0 : Math.Min(999, CardBytesRated / bytesPerDay / 365);

    private static long Value(string text, string name)
    {
        foreach (string line in text.Split('\n'))
            if (line.StartsWith(name, StringComparison.Ordinal) && long.TryParse(line.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long value))
                return value;
        return 0;
    }
}
