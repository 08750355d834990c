using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>config check</c>: whether the gateway would start with these settings, and how much memory they promise. Exit codes: 0 fine, 2 wrong setting.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        Argument<string?> file = new("FILE") { Description = "JSON file with settings, as --config has it; without one the environment alone.", Arity = ArgumentArity.ZeroOrOne };
        Command check = new("check", "Check settings, and print what they promise. Nothing is started or changed.") { file };
        check.SetAction(parsed => CommandGuard.Run(() => Check(parsed.GetValue(file))));
        return new Command("config", "Look at the settings.") { check };
    }

    private static int Check(string? file)
    {
        try
        {
            GatewayOptions options = SettingsReader.Read(file, [], new Dictionary<string, string?>());
            foreach (string said in GatewayHost.Check(options))
                Console.WriteLine(said);
            return 0;
        }
        catch (SettingException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return RunCommand.WrongSetting;
        }
    }
}
