using System.CommandLine;
using System.Globalization;
using DeviceMqtt.Custody;
using DeviceMqtt.Gateway.Backups;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>restore FILE</c>: makes an empty data folder what a backup holds. Exit codes: 0 done, 1 it could not be done and the folder is as empty as before, or, where it was cut short behind the checks, to be said once more.</summary>
internal static class RestoreCommand
{
    // The seal of the backup, for the next one who says restore.
    private const string Seal = ".seal";

    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "What 'backup' has written." };
        Option<string?> data = new("--data") { Description = "The data folder, which must be empty or not there yet. Default: as `run` has it." };
        Command command = new("restore", "Fill an empty data folder from a backup, after every byte of it was checked.") { file, data };
        command.SetAction(parsed => CommandGuard.Run(() => Run(parsed.GetValue(file)!, Path.GetFullPath(DeviceWords.NameOfDataFolder(parsed.GetValue(data))))));
        return command;
    }

    private static int Run(string file, string dataFolder)
    {
        PrivateFile.ApplyToProcess();
        if (!File.Exists(file))
            throw new IOException($"there is no file '{file}'");
        PrivateFile.CreateFolder(dataFolder);
        string finished = Path.Combine(dataFolder, BackupReader.Checked);
        BackupManifest manifest;
        if (Directory.Exists(finished) && !File.Exists(Path.Combine(finished, Seal)))
        {
            FinishUnsealed(finished, dataFolder);
            return 0;
        }

        if (Directory.Exists(finished))
        {
            if (!BackupSeal.Read(file).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(finished, Seal))))
                throw new IOException($"a restore of another backup into '{dataFolder}' was cut short: finish that one, or restore into another folder");
            manifest = BackupManifest.Parse(File.ReadAllBytes(Path.Combine(finished, BackupManifest.Name)));
        }
        else
        {
            manifest = Unpack(file, dataFolder, finished);
        }

        PutInPlace(finished, dataFolder);
        if (PrivateFile.SyncNameOf(dataFolder) is { } doubt)
            Console.Error.WriteLine(doubt);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dataFolder}: {manifest.Files.Count} files of {DateTimeOffset.FromUnixTimeMilliseconds(manifest.MadeUnixMs):yyyy-MM-dd HH:mm:ss}Z, made by version {manifest.Version}; start the gateway, which tells its clients and upstreams that it has gone back to that"));
        if (manifest.Settings.Length > 0)
            Console.WriteLine($"the settings stood in {manifest.Settings}; they are in {Path.Combine(dataFolder, BackupWriter.ForeignSettings)} now");
        return 0;
    }

    // From the rename on there is no way back, and none is needed: all is checked, and on the disk.
    internal static BackupManifest Unpack(string file, string dataFolder, string finished)
    {
        string unfinished = Path.Combine(dataFolder, BackupReader.Unfinished);
        if (Directory.EnumerateFileSystemEntries(dataFolder).FirstOrDefault(path => path != unfinished) is { } there)
            throw new IOException($"'{dataFolder}' is not empty, '{Path.GetFileName(there)}' is in it: restore into another folder, or move it away");
        try
        {
            Remove(unfinished); // of one that was killed
            BackupManifest manifest = BackupReader.Unpack(file, unfinished);
            PrivateFile.CreateKept(Path.Combine(unfinished, Seal), seal => seal.Write(BackupSeal.Read(file)));
            PrivateFile.CreateKept(Path.Combine(unfinished, BackupManifest.Name), words => words.Write(manifest.ToJson()));
            DiskSync.Names(unfinished);
            Directory.Move(unfinished, finished);
            PrivateFile.SyncAllNames(dataFolder);
            return manifest;
        }
        catch
        {
            Remove(unfinished);
            throw;
        }
    }

    // The journal last: without it there is nothing yet, and with it there are its users, and the mark that says what it is.
    private static void PutInPlace(string finished, string dataFolder)
    {
        string journal = Path.Combine(finished, BackupWriter.Journal);
        if (Directory.Exists(journal))
            Mark(journal);
        string[] own = [Seal, BackupManifest.Name];
        foreach (string path in Directory.EnumerateFileSystemEntries(finished).Where(path => !own.Contains(Path.GetFileName(path))).OrderBy(static path => Path.GetFileName(path) == BackupWriter.Journal).ToArray())
            Directory.Move(path, Path.Combine(dataFolder, Path.GetFileName(path)));
        DiskSync.Names(dataFolder);
        RemoveAtOnce(finished, dataFolder);
    }

    /// <summary>Has the next start on a journal know that it is an older state than that of clients and upstreams.</summary>
    /// <param name="journal">Its folder.</param>
    /// <param name="restore">The name of a restore that it is of already; null for a new one.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal static void Mark(string journal, string? restore = null)
    {
        RestoreMark.Write(new DirectoryStorage(journal), restore);
        PrivateFile.GiveToOwnerOfFolder(Path.Combine(journal, RestoreMark.FileName));
    }

    // Under its own name it would stand for a restore that is not done, and without its seal nobody could finish that.
    private static void RemoveAtOnce(string finished, string dataFolder)
    {
        string over = Path.Combine(dataFolder, BackupReader.Over);
        Remove(over);
        Directory.Move(finished, over);
        DiskSync.Names(dataFolder);
        Remove(over);
    }

    // A version before removed it file by file, and was killed: all else was in its place.
    private static void FinishUnsealed(string finished, string dataFolder)
    {
        string journal = Path.Combine(dataFolder, BackupWriter.Journal);
        if (!Directory.Exists(journal) || Directory.EnumerateFileSystemEntries(finished).Any(static path => Path.GetFileName(path) != BackupManifest.Name))
            throw new IOException($"'{finished}' is not what a restore leaves, for it has no seal: restore into another folder");
        Mark(journal);
        RemoveAtOnce(finished, dataFolder);
        Console.WriteLine($"{dataFolder}: all was in its place already; start the gateway");
    }

    internal static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
