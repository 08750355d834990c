using System.Formats.Tar;
using System.IO.Compression;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Backups;

/// <summary>
/// Writes the data folder of a gateway into one file, a compressed tar: users, roles, keys, settings, certificates, the files of devices, and the
/// journal, whose files somebody holds meanwhile (<see cref="JournalHold"/>).
/// </summary>
/// <param name="dataFolder">Of the gateway.</param>
internal sealed class BackupWriter(string dataFolder)
{
    /// <summary>The folder of the journal, below the data folder.</summary>
    public const string Journal = "journal";

    /// <summary>Where settings go that stand elsewhere.</summary>
    public const string ForeignSettings = "settings-in-force.json";

    // Made anew by each gateway, or by whoever changes a file.
    private static readonly string[] Passing = [Journal, "control", BackupReader.Unfinished, BackupReader.Checked, BackupReader.Over, OneTimeCode.FileName];
    private static readonly string[] PassingEnds = [".lock", ".tmp", ".code"];

    /// <param name="path">Is made, with mode 600, and on the disk afterwards.</param>
    /// <param name="files">Those of the journal.</param>
    /// <param name="about">Without files.</param>
    /// <exception cref="IOException">Something cannot be read or written; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public void Write(string path, IReadOnlyList<HeldFile> files, BackupManifest about)
    {
        using FileStream file = PrivateFile.Create(path);
        List<BackupEntry> entries = [];
        using (GZipStream zip = new(file, CompressionLevel.Fastest, leaveOpen: true))
        using (TarWriter tar = new(zip, TarEntryFormat.Pax, leaveOpen: true))
        {
            // A folder that was restored has the settings of its backup: those in force now take their place.
            foreach (string kept in Kept().Where(kept => about.Settings.Length == 0 || kept != Path.Combine(dataFolder, ForeignSettings)).Order(StringComparer.Ordinal))
                Add(tar, Path.GetRelativePath(dataFolder, kept).Replace('\\', '/'), kept, bytes: null, length: null, entries);
            if (about.Settings.Length > 0)
                Add(tar, ForeignSettings, about.Settings, bytes: null, length: null, entries);
            foreach (HeldFile held in files)
                Add(tar, $"{Journal}/{held.Name}", Path.Combine(dataFolder, Journal, held.Name), held.Bytes, held.Length, entries);
            using MemoryStream manifest = new((about with { Files = entries }).ToJson());
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.Name) { DataStream = manifest, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        }

        BackupSeal.Add(file);
        DiskSync.File(file);
    }

    private IEnumerable<string> Kept()
    {
        foreach (string top in Directory.EnumerateFileSystemEntries(dataFolder))
            if (!Passing.Contains(Path.GetFileName(top)) && !Array.Exists(PassingEnds, end => top.EndsWith(end, StringComparison.Ordinal)))
                foreach (string each in Directory.Exists(top) ? Directory.EnumerateFiles(top, "*", SearchOption.AllDirectories) : [top])
                    if (File.Exists(each) && !BackupSeal.IsOn(each)) // a socket is no file; a backup of backups would double each night
                        yield return each;
    }

    private static void Add(TarWriter tar, string name, string path, long? bytes, long? length, List<BackupEntry> entries)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using HashedBytes hashed = new(file, bytes ?? file.Length);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = hashed, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        entries.Add(new BackupEntry(name, hashed.Length, length ?? hashed.Length, hashed.Sha256()));
    }
}
