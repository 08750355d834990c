using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>config check FILE</c>: whether a gateway would start with these settings. Exit codes: 0 it would, 2 a setting is wrong.</summary>
internal static class ConfigCheck
{
    public static Command Create()
    {
        Argument<string?> file = new("FILE") { Description = "JSON file with settings, as --config has it; without one the environment alone.", Arity = ArgumentArity.ZeroOrOne };
        Command check = new("check", "Says what is wrong in a file of settings, with its line, and what they promise in memory. Nothing is started or changed.") { file };
        check.SetAction(parsed =>
        {
            try
            {
                foreach (string said in GatewayHost.Promises(Read(parsed.GetValue(file), [], new Dictionary<string, string?>(StringComparer.Ordinal))))
                    Console.WriteLine(said);
                Console.WriteLine("sound");
                return 0;
            }
            catch (SettingException exception)
            {
                Console.Error.WriteLine(exception.Message);
                return RunCommand.WrongSetting;
            }
        });
        return check;
    }

    /// <summary>Reads settings and checks all that can be checked without a start.</summary>
    /// <exception cref="SettingException">Something is wrong; the message says what, and where in the file.</exception>
    public static GatewayOptions Read(string? file, IReadOnlyList<string> listen, IReadOnlyDictionary<string, string?> overrides)
    {
        try
        {
            GatewayOptions options = SettingsReader.Read(file, listen, overrides);
            GatewayHost.Check(options);
            return options;
        }
        catch (SettingException exception) when (file is not null)
        {
            throw new SettingException(SettingLine.Locate(file, exception.Message));
        }
    }
}
