using System.CommandLine;
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

    /// <summary>The data folder for a command that reads or changes what is in it.</summary>
    /// <param name="given">With --data; null for that of <c>run</c>.</param>
    /// <exception cref="IOException">A restore into it is not finished: what is there is not what will be, and the restore takes no folder in which something is.</exception>
    public static string DataFolder(string? given)
    {
        string folder = NameOfDataFolder(given);
        return BackupReader.IsUnfinishedIn(folder) ? throw new IOException(BackupReader.WordsFor(folder)) : folder;
    }

    /// <summary>Where the data folder is, whatever is in it.</summary>
    /// <param name="given">With --data; null for that of <c>run</c>.</param>
    public static string NameOfDataFolder(string? given) => !string.IsNullOrEmpty(given) ? given
        : SettingsFile.DataOfService(Environment.GetEnvironmentVariable) ?? SettingsReader.DefaultData();
}
