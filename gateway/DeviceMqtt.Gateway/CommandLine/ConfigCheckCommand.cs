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
        GatewayOptions options = RunCommand.Read(arguments);
        // Beside the service the data folder is that of the service, not of the account that asks.
        if (options.Data == SettingsReader.DefaultData())
            options.Data = DeviceWords.NameOfDataFolder(null);
        IReadOnlyList<string> promises = GatewayHost.Promises(options);
        if (options.KeepsData && WrongFolder(options.Data) is { } wrong)
            throw new SettingException(wrong);
        return GatewayHost.WrongTls(options) is { } noTls ? throw new SettingException(noTls) : promises;
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
}
