using System.CommandLine;
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
            if (new ConsoleFile(folder).Users.Any(static u => u.Role == ConsoleRole.Operator))
                throw new IOException($"there is an operator already: {Path.Combine(folder, ConsoleFile.Name)} has the people of the console");
            Console.WriteLine(OneTimeCode.Leave(folder));
            return 0;
        }));
        return command;
    }
}
