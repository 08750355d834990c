using System.CommandLine;
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

    public static string DataFolder(string? given) => !string.IsNullOrEmpty(given) ? given
        : SettingsFile.DataOfService(Environment.GetEnvironmentVariable) ?? SettingsReader.DefaultData();
}
