using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>user code</c>: a one-time code for the first operator of the console, for whoever is at the machine.</summary>
internal static class UserCodeCommand
{
    public static Command Create()
    {
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("code", "Prints a code with which the first operator of the console gets in: good for 15 minutes, and once.") { data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            if (new UserFile(folder).Users.FirstOrDefault(static u => u.Value.Role == Roles.Operator).Key is { } known)
                throw new IOException($"there is an operator already: '{SafeText.Of(known)}' logs in with its password, and 'user password' gives it another one");
            Console.WriteLine(OneTimeCode.Leave(folder));
            return 0;
        }));
        return command;
    }
}
