using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>config</c>: what can be set, what is set, and where each value comes from.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        Command command = new("config", "What can be set, and what is.");
        foreach (Command each in (Command[])[Template(), Explain(), Show(), ConfigCheckCommand.Create()])
            command.Subcommands.Add(each);
        return command;
    }

    private static Command Template()
    {
        Option<string[]> with = new("--with") { Description = "A setting that stands there with a value of its own, Section:Key=value; may repeat." };
        Command command = new("template", "Print a settings file with every setting, its default and what it does, commented out.") { with };
        command.SetAction(parsed => CommandGuard.Run(() => Template(parsed.GetValue(with) ?? [])));
        return command;
    }

    private static Command Explain()
    {
        Argument<string> key = new("KEY") { Description = "A setting, Section:Key, or a section." };
        Command command = new("explain", "Say what a setting does, its default and what may stand there.") { key };
        command.SetAction(parsed => Explain(parsed.GetValue(key)!));
        return command;
    }

    private static Command Show()
    {
        Option<string?> config = new("--config") { Description = "JSON file with settings. Default: gateway.json in the data folder, if there is one." };
        Option<string?> data = DeviceWords.DataOption();
        Option<string[]> set = new("--set") { Description = "Any setting, Section:Key=value; may repeat." };
        Option<bool> all = new("--all") { Description = "Also those that have their defaults." };
        Command command = new("show", "Print the settings as the gateway would have them, and where each comes from.") { config, data, set, all };
        command.SetAction(parsed => CommandGuard.Run(() => Show(parsed.GetValue(config) ?? SettingsFile.FindIn(DeviceWords.NameOfDataFolder(parsed.GetValue(data))), parsed.GetValue(set) ?? [], parsed.GetValue(all))));
        return command;
    }

    private static int Template(IReadOnlyList<string> with)
    {
        SettingsReference reference = new(AppContext.BaseDirectory);
        Dictionary<string, string> values = SettingsReader.ReadAssignments(with).ToDictionary(static pair => pair.Key, static pair => pair.Value!);
        if (values.Keys.FirstOrDefault(key => !reference.Entries.Any(entry => entry.Key == key)) is { } unknown)
            throw new SettingException($"{unknown} is not a setting");
        Console.Write(SettingsTemplate.Write(reference, values));
        return 0;
    }

    private static int Explain(string key)
    {
        SettingsReference reference = new(AppContext.BaseDirectory);
        SettingEntry[] found = reference.Find(key) is { } one
            ? [one]
            : [.. reference.Entries.Where(entry => entry.Key.StartsWith(key.TrimEnd(':') + ":", StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0)
        {
            Console.Error.WriteLine($"{key} is not a setting. 'config template' prints all of them.");
            return RunCommand.WrongSetting;
        }

        foreach (SettingEntry entry in found)
        {
            Console.WriteLine($"{entry.Key}: {entry.KindText}, default {entry.Fallback switch { null => "none", "" => "empty", { } text => text }}");
            if (entry.Summary.Length > 0)
                Console.WriteLine($"  {entry.Summary}");
        }

        return 0;
    }

    private static int Show(string? file, IReadOnlyList<string> set, bool all)
    {
        Dictionary<string, string?> overrides = SettingsReader.ReadAssignments(set);
        IReadOnlyList<SettingSource> sources = SettingsReader.Read(file, [], overrides).Sources;
        foreach (SettingSource source in sources)
            Console.WriteLine($"{source.Key} = {(IsSecret(source.Key) ? "(not shown)" : source.Value)}  ({source.From})");
        if (sources.Count == 0 && !all)
            Console.Error.WriteLine("all settings have their defaults; --all prints them");
        if (all && !sources.Any(static source => source.Key.StartsWith("Listen:", StringComparison.OrdinalIgnoreCase)))
            Console.WriteLine($"Listen:0 = {ListenSettings.DefaultMqtt}  (default)");
        if (all)
            foreach (SettingEntry entry in new SettingsReference(AppContext.BaseDirectory).Entries.Where(entry => entry.Fallback is not null && !sources.Any(source => entry.Matches(source.Key.Split(':')))))
                Console.WriteLine($"{entry.Key} = {entry.Fallback}  (default)");
        return 0;
    }

    private static bool IsSecret(string key) => SettingSecrets.IsOne(key)
        || key.Equals("Upstream", StringComparison.OrdinalIgnoreCase) || key.Contains("Addresses", StringComparison.OrdinalIgnoreCase); // may have a password in it
}
