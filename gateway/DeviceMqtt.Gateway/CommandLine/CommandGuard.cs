using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>What the disk refuses to a command is said in one line, with the exit code of a command that could not run.</summary>
internal static class CommandGuard
{
    public static int Run(Func<int> command)
    {
        try
        {
            return command();
        }
        catch (SettingException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return RunCommand.WrongSetting;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Console.Error.WriteLine(exception.Message);
            return RunCommand.Failed;
        }
    }
}
