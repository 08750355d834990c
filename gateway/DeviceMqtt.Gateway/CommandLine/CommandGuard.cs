using System.Diagnostics;
using System.Security.Cryptography;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// What a command could not do is said in one line: a wrong setting with the exit code for that, what the disk, the gateway or a certificate
/// refuses with that of a command that could not run. A fault of our own is one line, too, with the methods that it came through.
/// </summary>
internal static class CommandGuard
{
    private const int FramesMax = 3; // chosen: who reads the source finds the place, and the line fits a screen

    public static int Run(Func<int> command)
    {
        try
        {
            return command();
        }
        catch (Exception exception)
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
        catch (Exception exception)
        {
            return Say(exception);
        }
    }

    private static int Say(Exception exception)
    {
        Console.Error.WriteLine(exception switch
        {
            SettingException or IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException => exception.Message,
            OperationCanceledException => "interrupted",
            _ => $"a fault of the gateway itself, please report it: {exception.GetType().Name}: {SafeText.Of(exception.Message, 300)} ({Places(exception)})",
        });
        return exception is SettingException ? RunCommand.WrongSetting : RunCommand.Failed;
    }

    // Our own methods alone: what of the framework is between says little.
    private static string Places(Exception exception) => string.Join(" < ", new StackTrace(exception).GetFrames()
        .Select(static frame => frame.GetMethod())
        .Where(static method => method?.DeclaringType?.FullName?.StartsWith(nameof(DeviceMqtt), StringComparison.Ordinal) == true)
        .Take(FramesMax)
        .Select(static method => $"{method!.DeclaringType!.FullName![(nameof(DeviceMqtt).Length + 1)..]}.{method.Name}"));
}
