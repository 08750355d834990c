using System.Security.Cryptography;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// What a command could not do is said in one line: a wrong setting with the exit code for that, what the disk, the gateway or a certificate
/// refuses with that of a command that could not run.
/// </summary>
internal static class CommandGuard
{
    public static int Run(Func<int> command)
    {
        try
        {
            return command();
        }
        catch (Exception exception) when (ExitCodeOf(exception) is not null)
        {
            return Say(exception);
        }
    }

    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception exception) when (ExitCodeOf(exception) is not null)
        {
            return Say(exception);
        }
    }

    private static int Say(Exception exception)
    {
        Console.Error.WriteLine(exception.Message);
        return ExitCodeOf(exception)!.Value;
    }

    // Null for a fault of our own, which is to be seen whole.
    private static int? ExitCodeOf(Exception exception) => exception switch
    {
        SettingException => RunCommand.WrongSetting,
        IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException => RunCommand.Failed,
        _ => null,
    };
}
