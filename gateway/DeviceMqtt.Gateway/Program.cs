using System.CommandLine;
using System.CommandLine.Parsing;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Listeners;

TransportSettings.ApplyToProcess();

RootCommand root = new("DeviceMqtt gateway: a local MQTT broker that buffers for an upstream and delivers commands to single devices.");
RunCommand run = new();
run.AddTo(root);
Command runByName = new("run", "Run the gateway (the default).");
run.AddTo(runByName);
root.Subcommands.Add(runByName);
foreach (Command command in JournalCommand.All())
    root.Subcommands.Add(command);
root.Subcommands.Add(DeviceCommand.Create());
root.Subcommands.Add(ConfigCommand.Create());

root.Subcommands.Add(StatusCommand.Create());
root.Subcommands.Add(RelayCommand.Create());
root.Subcommands.Add(ConfigCommand.Create());
root.Subcommands.Add(CompletionCommand.Create(root));

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (ParseError error in parsed.Errors)
        Console.Error.WriteLine(error.Message);
    return RunCommand.WrongSetting;
}

// SIGTERM and Ctrl-C have the gateway stop by itself: what waits for the upstream leaves, presence is told. This is how long that may take.
// The thread of the process waits: an asynchronous Main would be one more state machine that is compiled before anything listens.
return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = GatewayHost.StopTimeout }).GetAwaiter().GetResult();
