using System.Formats.Tar;
using System.IO.Compression;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Backups;

/// <summary>Unpacks a backup into a folder, and checks every byte of it: its seal, the hashes of its files, and the journal record by record.</summary>
internal static class BackupReader
{
    /// <summary>The folder in a data folder that a restore works in until all is checked.</summary>
    public const string Unfinished = ".restoring";

    /// <summary>Its name when all in it is checked and on the disk, until each file has its place.</summary>
    public const string Checked = ".restored";

    /// <summary>What is left of one that is done, until it is removed: nothing of it is needed.</summary>
    public const string Over = ".restore-over";

    /// <summary>Whether a restore into a data folder was cut short, or goes on: nothing else is to be put there.</summary>
    public static bool IsUnfinishedIn(string dataFolder) => Directory.Exists(Path.Combine(dataFolder, Checked))
        // A gateway of an earlier version may have been started beside it: a journal is no part of a restore that has not checked all.
        || (Directory.Exists(Path.Combine(dataFolder, Unfinished)) && !Directory.Exists(Path.Combine(dataFolder, BackupWriter.Journal)));

    /// <summary>What to do about that.</summary>
    public static string WordsFor(string dataFolder) => $"'{dataFolder}': a restore into it was cut short, or goes on; say 'devicemqtt restore' once more, or, where '{Unfinished}' is all that is in it, remove that";

    private const int ManifestBytesMax = 16 * 1024 * 1024; // chosen: some fifty thousand files

    /// <param name="path">The backup.</param>
    /// <param name="folder">Is made, and on the disk afterwards, with all in it; nobody else has it.</param>
    /// <exception cref="InvalidDataException">It is no backup, or damaged; says where.</exception>
    /// <exception cref="IOException">Something cannot be read or written; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public static BackupManifest Unpack(string path, string folder)
    {
        PrivateFile.CreateOwnFolder(folder);
        Dictionary<string, (long Bytes, string Sha256)> found = new(StringComparer.Ordinal);
        BackupManifest manifest;
        try
        {
            BackupSeal.Check(path);
            using FileStream file = new(path, FileMode.Open, FileAccess.Read);
            using GZipStream zip = new(file, CompressionMode.Decompress);
            using TarReader tar = new(zip);
            manifest = UnpackAll(tar, folder, found);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new InvalidDataException($"'{path}' is no sound backup: {exception.Message}", exception);
        }

        Compare(path, folder, manifest, found);
        PrivateFile.SyncAllNames(folder);
        return manifest;
    }

    private static BackupManifest UnpackAll(TarReader tar, string folder, Dictionary<string, (long Bytes, string Sha256)> found)
    {
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                throw new InvalidDataException($"'{entry.Name}' in it is no file");
            if (entry.Name == BackupManifest.Name)
                return BackupManifest.Parse(ReadAll(entry));
            string target = TargetOf(folder, entry.Name);
            PrivateFile.CreateFolder(Path.GetDirectoryName(target)!);
            using FileStream file = PrivateFile.Create(target);
            long bytes = entry.DataStream?.Length ?? 0;
            using HashedBytes hashed = new(entry.DataStream ?? Stream.Null, bytes);
            hashed.CopyTo(file);
            found[entry.Name] = (bytes, hashed.Sha256());
        }

        throw new InvalidDataException($"it ends before its {BackupManifest.Name}: it was cut");
    }

    // Names come from a file that anybody may have made.
    private static string TargetOf(string folder, string name)
    {
        string target = Path.GetFullPath(Path.Combine(folder, name));
        return target.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? target : throw new InvalidDataException($"'{name}' in it leads out of the folder");
    }

    private static byte[] ReadAll(TarEntry entry)
    {
        if (entry.DataStream is not { Length: > 0 and <= ManifestBytesMax } data)
            throw new InvalidDataException($"its {BackupManifest.Name} is empty or too long");
        byte[] bytes = new byte[data.Length];
        data.ReadExactly(bytes);
        return bytes;
    }

    private static void Compare(string path, string folder, BackupManifest manifest, Dictionary<string, (long Bytes, string Sha256)> found)
    {
        foreach (BackupEntry entry in manifest.Files)
        {
            if (!found.Remove(entry.Name, out (long Bytes, string Sha256) has))
                throw new InvalidDataException($"'{path}' is no sound backup: '{entry.Name}' is missing");
            if (has.Bytes != entry.Bytes || has.Sha256 != entry.Sha256)
                throw new InvalidDataException($"'{path}' is no sound backup: '{entry.Name}' is not what was written");
            Fill(TargetOf(folder, entry.Name), entry.Length);
        }

        if (found.Count > 0)
            throw new InvalidDataException($"'{path}' is no sound backup: nobody knows of '{found.Keys.First()}' in it");
        JournalReport report = new JournalInspector(new DirectoryStorage(Path.Combine(folder, BackupWriter.Journal))).Inspect();
        if (report.Damage.Count > 0)
            throw new InvalidDataException($"'{path}' is no sound backup: {report.Damage[0]}");
        if (report.LastPosition < manifest.UpTo)
            throw new InvalidDataException($"'{path}' is no sound backup: its journal ends at record {report.LastPosition}, and was at {manifest.UpTo}");
    }

    // Real zeros: a hole would want room when somebody writes into it.
    private static void Fill(string path, long length)
    {
        using FileStream file = new(path, FileMode.Append);
        byte[] zeros = new byte[64 * 1024];
        for (long rest = length - file.Length; rest > 0; rest -= Math.Min(rest, zeros.Length))
            file.Write(zeros, 0, (int)Math.Min(rest, zeros.Length));
        DiskSync.File(file);
    }
}
