using System.CommandLine;
using System.Globalization;
using DeviceMqtt.Gateway.Backups;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Orders;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>backup FILE</c>: all of a data folder in one file, of a gateway that runs or is stopped. Exit codes: 0 done and checked, 1 it could not be done.</summary>
internal static class BackupCommand
{
    private const string Checking = ".checking";

    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "Where it goes; one that is there is replaced when the new one is whole and checked." };
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("backup", "Write everything that the gateway keeps into one file, while it runs: messages, users, certificates, settings.") { file, data };
        command.SetAction((parsed, stop) => CommandGuard.RunAsync(() => RunAsync(Path.GetFullPath(parsed.GetValue(file)!), DeviceWords.DataFolder(parsed.GetValue(data)), stop)));
        return command;
    }

    private static async Task<int> RunAsync(string file, string dataFolder, CancellationToken stop)
    {
        PrivateFile.ApplyToProcess();
        string part = file + BackupSeal.Part; // a file under its own name is whole
        string checking = file + Checking;
        if (Directory.Exists(dataFolder))
            _ = Directory.EnumerateFileSystemEntries(dataFolder).Any(); // throws where this account may not look: there may be one
        if (!Directory.Exists(Path.Combine(dataFolder, BackupWriter.Journal)))
            throw new IOException($"there is no journal in '{dataFolder}'");
        if (Directory.Exists(file))
            throw new IOException($"'{file}' is a folder");
        try
        {
            Remove(part, checking); // of one that was killed
            await WriteAsync(part, dataFolder, stop);
            BackupManifest manifest = BackupReader.Unpack(part, checking);
            File.Move(part, file, overwrite: true);
            new DirectoryStorage(Path.GetDirectoryName(file)!).SyncNames();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {new FileInfo(file).Length} bytes, {manifest.Files.Count} files, checked; everything acknowledged until it began is in it"));
            foreach (string outside in Outside(dataFolder, manifest))
                Console.WriteLine($"not in it: {outside}");
            return 0;
        }
        finally
        {
            Remove(part, checking);
        }
    }

    private static async Task WriteAsync(string part, string dataFolder, CancellationToken stop)
    {
        OrderLine line;
        try
        {
            line = await OrderClient.ConnectAsync(dataFolder, stop);
        }
        catch (NoGatewayException)
        {
            WriteStopped(part, dataFolder);
            return;
        }

        using (line)
        {
            OrderAnswer begun = await OrderClient.AskAsync(line, HeldJournal.Word, stop);
            if (begun.ExitCode != 0)
                throw new IOException(string.Join(' ', begun.Lines));
            (BackupManifest about, List<HeldFile> files) = HeldJournal.Read(begun.Lines, About());
            new BackupWriter(dataFolder).Write(part, files, about);
            OrderAnswer ended = await OrderClient.AskAsync(line, HeldJournal.Done, stop);
            if (ended.ExitCode != 0)
                throw new IOException(string.Join(' ', ended.Lines));
        }
    }

    // Nobody else may start on the folder meanwhile.
    private static void WriteStopped(string part, string dataFolder)
    {
        DirectoryStorage storage = new(Path.Combine(dataFolder, BackupWriter.Journal));
        using IDisposable locked = storage.Lock();
        JournalReport report = new JournalInspector(storage).Inspect();
        if (report.Damage.Count > 0)
            throw new IOException($"the journal is damaged, so there is no backup of it: {report.Damage[0]}");
        List<HeldFile> files = [];
        foreach (string name in storage.List().Where(static name => name.EndsWith(".segment", StringComparison.Ordinal) || name.EndsWith(".snapshot", StringComparison.Ordinal)))
            files.Add(new HeldFile(name, new FileInfo(Path.Combine(storage.Name, name)).Length, new FileInfo(Path.Combine(storage.Name, name)).Length));
        new BackupWriter(dataFolder).Write(part, files, About() with { UpTo = report.LastPosition });
    }

    private static BackupManifest About() => new(SysTopics.VersionText, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), UpTo: 0, Settings: "", []);

    // What the settings name and is kept elsewhere.
    private static IEnumerable<string> Outside(string dataFolder, BackupManifest manifest)
    {
        string? settings = manifest.Settings.Length > 0 ? manifest.Settings : SettingsFile.FindIn(dataFolder);
        if (settings is null)
            yield break;
        foreach (SettingSource source in SettingsReader.Sources(settings, new Dictionary<string, string?>(StringComparer.Ordinal)))
            if (source.Key.EndsWith("File", StringComparison.OrdinalIgnoreCase) && source.Value.Length > 0 && !Path.GetFullPath(source.Value).StartsWith(Path.GetFullPath(dataFolder) + "/", StringComparison.Ordinal))
                yield return $"{source.Key} {source.Value}";
    }

    private static void Remove(string part, string checking)
    {
        File.Delete(part);
        if (Directory.Exists(checking))
            Directory.Delete(checking, recursive: true);
    }
}
