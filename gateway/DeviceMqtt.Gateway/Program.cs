using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Observability;

StandardOutput.ApplyToProcess();
TransportSettings.ApplyToProcess();

// Most starts are the gateway's, in plain words: the parser is loaded for all others.
return RunArguments.TryRead(args) is { } arguments ? CommandGuard.Run(() => RunCommand.Run(arguments)) : StandardOutput.Ending(AnyCommand.Run(args));
