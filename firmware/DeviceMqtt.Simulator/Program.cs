using System.CommandLine;
using DeviceMqtt.Simulator;

RootCommand root = new("Virtual boards: the firmware's device logic on a PC, over real TCP.")
{
    DemoCommand.Create(),
    BoardsCommand.Create(),
};

// Boards say goodbye within 3 s; the default of 2 s would cut them off.
InvocationConfiguration configuration = new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) };
return await root.Parse(args).InvokeAsync(configuration);
