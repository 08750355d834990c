using System.CommandLine;
using System.Globalization;
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
        command.SetAction(parsed => CommandGuard.Run(() => Run(parsed.GetValue(file)!, Path.GetFullPath(DeviceWords.DataFolder(parsed.GetValue(data))))));
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
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dataFolder}: {manifest.Files.Count} files of {DateTimeOffset.FromUnixTimeMilliseconds(manifest.MadeUnixMs):yyyy-MM-dd HH:mm:ss}Z, made by version {manifest.Version}; start the gateway"));
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

    // The journal last: without it there is nothing yet, and with it there are its users.
    private static void PutInPlace(string finished, string dataFolder)
    {
        string[] own = [Seal, BackupManifest.Name];
        foreach (string path in Directory.EnumerateFileSystemEntries(finished).Where(path => !own.Contains(Path.GetFileName(path))).OrderBy(static path => Path.GetFileName(path) == BackupWriter.Journal).ToArray())
            Directory.Move(path, Path.Combine(dataFolder, Path.GetFileName(path)));
        DiskSync.Names(dataFolder);
        Remove(finished);
        DiskSync.Names(dataFolder);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
