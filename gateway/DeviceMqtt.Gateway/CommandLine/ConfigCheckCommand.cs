using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>config check FILE</c>: whether a gateway would start with these settings. Exit codes: 0 it would, 2 a setting is wrong.</summary>
internal static class ConfigCheckCommand
{
    public static Command Create()
    {
        Argument<string?> file = new("FILE") { Description = "JSON file with settings, as --config has it. Without one that with which `run` would start.", Arity = ArgumentArity.ZeroOrOne };
        Command check = new("check", "Says what is wrong in a file of settings, with its line, and what they promise in memory. Nothing is started or changed.") { file };
        RunOptions run = new();
        run.AddOptionsTo(check);
        check.SetAction(parsed => CommandGuard.Run(() =>
        {
            RunArguments arguments = run.ArgumentsOf(parsed);
            foreach (string said in Check(arguments with { Config = parsed.GetValue(file) ?? arguments.Config }))
                Console.WriteLine(said);
            Console.WriteLine("sound");
            return 0;
        }));
        return check;
    }

    /// <summary>Checks all that a start would refuse, as far as one can see without starting: ports may be in use.</summary>
    /// <param name="arguments">As <c>run</c> would get them.</param>
    /// <returns>What the settings promise.</returns>
    /// <exception cref="SettingException">Something is wrong; the message says what.</exception>
    private static IReadOnlyList<string> Check(RunArguments arguments)
    {
        string? file = RunCommand.FileOf(arguments, InstalledService.Variable);
        Dictionary<string, string?> overrides = RunCommand.Overrides(arguments);
        GatewayOptions options = ConfigCheck.Read(file, arguments.Listen, overrides);
        // Beside the service the data folder is that of the service, not of the account that asks.
        if (options.Data == SettingsReader.DefaultData())
            options.Data = DeviceWords.NameOfDataFolder(null);
        try
        {
            IReadOnlyList<string> promises = GatewayHost.Promises(options);
            if (options.KeepsData && (WrongFolder(options.Data) ?? WrongFolderOfService(options.Data)) is { } wrong)
                throw new SettingException(wrong);
            return GatewayHost.WrongTls(options) is { } noTls ? throw new SettingException(noTls) : promises;
        }
        catch (SettingException exception)
        {
            throw new SettingException(ConfigCheck.Locate(file, arguments.Listen, overrides, exception.Message));
        }
    }

    // It is made by the start; a file in its way stays in its way.
    private static string? WrongFolder(string data)
    {
        try
        {
            for (string? path = Path.GetFullPath(data); path is not null; path = Path.GetDirectoryName(path))
            {
                if (Directory.Exists(path))
                    return null;
                if (File.Exists(path))
                    return $"Data is '{data}', and '{path}' is no folder; --data DIR names another";
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            return $"Data is '{data}': {exception.Message.TrimEnd('.')}; --data DIR names another";
        }
    }

    // Root could make it, and the account of the service could not: the folder above is root's.
    private static string? WrongFolderOfService(string data)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess || InstalledService.Variable(SettingsFile.Variable) is null)
            return null;
        return WhyNotMade(Path.GetFullPath(data));
    }

    /// <summary>Why an account that is not root could not make a folder; null when it is there, or could be made.</summary>
    /// <param name="data">Its whole path.</param>
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    internal static string? WhyNotMade(string data)
    {
        if (Directory.Exists(data) || (data + Path.DirectorySeparatorChar).StartsWith(InstalledService.StateFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return null; // systemd makes that folder for the service, which makes what is in it
        string? above = Path.GetDirectoryName(data);
        while (above is not null && !Directory.Exists(above))
            above = Path.GetDirectoryName(above);
        return above is null || File.GetUnixFileMode(above).HasFlag(UnixFileMode.OtherWrite) ? null
            : $"Data is '{data}', which is not there, and the account of the service cannot make it in '{above}': make it, 'install -d -m 700 -o devicemqtt -g devicemqtt {data}', and let the unit write there (ReadWritePaths)";
    }
}
