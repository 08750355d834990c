using System.CommandLine;
using System.Globalization;
using DeviceMqtt.Gateway.Backups;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>restore FILE</c>: makes an empty data folder what a backup holds. Exit codes: 0 done, 1 it could not be done and the folder is as empty as before.</summary>
internal static class RestoreCommand
{
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
        string unfinished = Path.Combine(dataFolder, BackupReader.Unfinished);
        if (Directory.EnumerateFileSystemEntries(dataFolder).FirstOrDefault(path => path != unfinished) is { } there)
            throw new IOException($"'{dataFolder}' is not empty, '{Path.GetFileName(there)}' is in it: restore into another folder, or move it away");
        BackupManifest manifest;
        try
        {
            Remove(unfinished); // of one that was killed
            manifest = BackupReader.Unpack(file, unfinished);
        }
        catch
        {
            Remove(unfinished);
            throw;
        }

        // The journal last: without it there is nothing yet, and with it there are its users.
        foreach (string path in Directory.EnumerateFileSystemEntries(unfinished).OrderBy(static path => Path.GetFileName(path) == BackupWriter.Journal).ToArray())
            Directory.Move(path, Path.Combine(dataFolder, Path.GetFileName(path)));
        Directory.Delete(unfinished);
        new DirectoryStorage(dataFolder).SyncNames();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dataFolder}: {manifest.Files.Count} files of {DateTimeOffset.FromUnixTimeMilliseconds(manifest.MadeUnixMs):yyyy-MM-dd HH:mm:ss}Z, made by version {manifest.Version}; start the gateway"));
        if (manifest.Settings.Length > 0)
            Console.WriteLine($"the settings stood in {manifest.Settings}; they are in {Path.Combine(dataFolder, BackupWriter.ForeignSettings)} now");
        return 0;
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
