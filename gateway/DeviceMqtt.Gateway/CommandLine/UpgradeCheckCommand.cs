using System.CommandLine;
using System.Globalization;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Backups;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>upgrade-check</c>: whether this version would start with the data folder and the settings of another one. Reads only; the other may run.
/// Exit codes: 0 it would, 1 it would not.
/// </summary>
internal static class UpgradeCheckCommand
{
    public static Command Create()
    {
        Option<string?> config = new("--config") { Description = "The settings, as `run` has them. Default: gateway.json in the data folder, if there is one." };
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("upgrade-check", "Say whether this version would start with what another one has written. Changes nothing.") { config, data };
        command.SetAction(parsed => CommandGuard.Run(() => Run(parsed.GetValue(config), DeviceWords.DataFolder(parsed.GetValue(data)))));
        return command;
    }

    private static int Run(string? config, string dataFolder)
    {
        Console.WriteLine($"this is version {SysTopics.VersionText}");
        // Each of them, although one is wrong: who upgrades wants to know all at once.
        bool isSound = Look("data folder", () => FolderAt(dataFolder));
        isSound &= Look("settings", () => ReadSettings(config ?? SettingsFile.FindIn(dataFolder)));
        isSound &= Look("users", () => $"{new UserFile(dataFolder).Read().Count} users");
        isSound &= Look("roles", () => $"{new RoleFile(dataFolder).Read().Count} roles of its own");
        isSound &= Look("journal", () => ReadJournal(Path.Combine(dataFolder, BackupWriter.Journal)));
        Console.WriteLine(isSound ? "it would start; make a backup before all the same: 'devicemqtt backup FILE'" : "it would not start as things are");
        return isSound ? 0 : RunCommand.Failed;
    }

    // A name that is mistyped has nothing in it that could be wrong.
    private static string FolderAt(string path) => File.Exists(path) ? throw new IOException($"'{path}' is a file") : Directory.Exists(path) ? path : throw new IOException($"there is no folder '{path}' (--data)");

    private static bool Look(string what, Func<string> read)
    {
        try
        {
            Console.WriteLine($"{what}: {read()}");
            return true;
        }
        catch (Exception exception) when (exception is SettingException or IOException or UnauthorizedAccessException or InvalidDataException or JournalException)
        {
            Console.WriteLine($"{what}: NOT as it should be: {exception.Message}");
            return false;
        }
    }

    private static string ReadSettings(string? file)
    {
        _ = ConfigCheck.Read(file, [], new Dictionary<string, string?>(StringComparer.Ordinal));
        return file is null ? "none, so all have their defaults" : $"{file} is sound";
    }

    private static string ReadJournal(string folder)
    {
        if (!Directory.Exists(folder))
            return "none yet";
        JournalReport report = new JournalInspector(new DirectoryStorage(folder)).Inspect();
        return report.Damage.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{report.Segments.Count} segments, {report.Segments.Sum(static s => s.Records)} records, sound")
            : throw new InvalidDataException($"{report.Damage[0]}{(report.Damage.Count > 1 ? $"; and {report.Damage.Count - 1} more, which 'journal verify' says" : "")}");
    }
}
