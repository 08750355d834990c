namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>
/// What has been written to the disk that a folder is on, by anybody: the kernel's count for a process counts whole folios of
/// the page cache, up to a hundred times of what reaches the disk.
/// </summary>
/// <param name="Bytes">Written.</param>
/// <param name="Flushes">Of the disk's own cache; one for each commit.</param>
internal sealed record DiskUse(long Bytes, long Flushes)
{
    private const int SectorBytes = 512;

    // /proc/diskstats: major, minor, name, then fields; sectors written is the 7th, flushes the 16th (Documentation/admin-guide/iostats.rst).
    private const int SectorsWritten = 3 + 6;
    private const int FlushesDone = 3 + 15;

    /// <summary>Zero where the folder is on no disk: a memory file system, a container's layer.</summary>
    public static DiskUse Of(string folder)
    {
        string? device = DeviceOf(folder);
        string[]? fields = File.ReadLines("/proc/diskstats")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(fields => $"/dev/{fields[2]}" == device);
        return fields is null ? new DiskUse(0, 0) : new DiskUse(long.Parse(fields[SectorsWritten]) * SectorBytes, fields.Length > FlushesDone ? long.Parse(fields[FlushesDone]) : 0);
    }

    private static string? DeviceOf(string folder) => File.ReadLines("/proc/mounts")
        .Select(line => line.Split(' '))
        .Where(mount => folder.StartsWith(mount[1], StringComparison.Ordinal))
        .OrderByDescending(mount => mount[1].Length)
        .Select(mount => mount[0] == "/dev/root" ? RootDevice() : mount[0])
        .FirstOrDefault();

    // Some kernels call the root's disk so; it is the first disk then.
    private static string RootDevice() => "/dev/" + File.ReadLines("/proc/diskstats").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
}
