using System.CommandLine;
using System.CommandLine.Parsing;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Every command line, read by the parser.</summary>
internal static class AnyCommand
{
    /// <param name="args">All words behind the name of the program.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args)
    {
        RunOptions run = new();
        Command runByName = new("run", "Run the gateway (the default).");
        run.AddTo(runByName);
        // All other commands, and help, are made where one of them may be meant.
        bool isRun = (args.Length == 0 || args[0] == runByName.Name || run.Knows(args[0])) && !Array.Exists(args, static word => word is "--help" or "-h" or "-?" or "/?" or "/h" or "--version");
        Command command = isRun ? runByName : OtherCommands.Root(run, runByName);

        ParseResult parsed = command.Parse(args.Length > 0 && args[0] == command.Name ? args[1..] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors)
                Console.Error.WriteLine(error.Message);
            return RunCommand.WrongSetting;
        }

        // The thread of the process waits: an asynchronous Main would be one more state machine that is compiled before anything listens.
        return isRun ? CommandGuard.Run(() => RunCommand.Run(run.ArgumentsOf(parsed))) : CommandGuard.RunAsync(() => parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false })).GetAwaiter().GetResult();
    }
}
