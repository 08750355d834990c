using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Backups;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>What the commands about devices have in common: how a device is named, and where its files are.</summary>
internal static class DeviceWords
{
    public static Argument<string> NameArgument()
    {
        Argument<string> name = new("NAME") { Description = "The device's name: its user name, and the device level of its topics." };
        name.Validators.Add(result =>
        {
            if (!DeviceTopic.IsName(result.GetValueOrDefault<string>()))
                result.AddError("NAME is one topic level: without / + # and not beginning with $");
        });
        return name;
    }

    public static Option<string?> DataOption() => new("--data") { Description = "The gateway's data folder. Default: as `run` has it." };

    public static Option<string?> ConfigOption() => new("--config") { Description = "The gateway's settings. Default: those of the service, else gateway.json in the data folder, if there is one." };

    /// <summary>The settings that count for a data folder.</summary>
    /// <param name="data">The folder.</param>
    /// <param name="file">The settings file; null for none.</param>
    /// <exception cref="SettingException">They cannot be read, or one is unknown.</exception>
    public static GatewayOptions SettingsOf(string data, string? file) =>
        SettingsReader.Read(file, [], new Dictionary<string, string?>(StringComparer.Ordinal) { [nameof(GatewayOptions.Data)] = data });

    /// <summary>The data folder for a command that reads or changes what is in it.</summary>
    /// <param name="given">With --data; null for that of <c>run</c>.</param>
    /// <exception cref="IOException">A restore into it is not finished: what is there is not what will be, and the restore takes no folder in which something is.</exception>
    public static string DataFolder(string? given)
    {
        string folder = NameOfDataFolder(given);
        return BackupReader.IsUnfinishedIn(folder) ? throw new IOException(BackupReader.WordsFor(folder)) : folder;
    }

    /// <summary>Where the data folder of this program's service is, or of this account, whatever is in it.</summary>
    /// <param name="given">With --data; null for that of <c>run</c>.</param>
    public static string NameOfDataFolder(string? given) => NameOfDataFolder(given, InstalledService.Variable);

    /// <summary>The data folder that somebody names, else that of the service, else that of this account.</summary>
    /// <param name="given">What somebody names; null or empty where nobody does.</param>
    /// <param name="variable">Reads the environment.</param>
    public static string NameOfDataFolder(string? given, Func<string, string?> variable) => !string.IsNullOrEmpty(given) ? given
        : SettingsFile.DataOfService(variable) ?? SettingsReader.DefaultData();
}
