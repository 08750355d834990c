using System.CommandLine;
using DeviceMqtt.Simulator;

RootCommand root = new("Virtual boards: the firmware's device logic on a PC, over real TCP.")
{
    DemoCommand.Create(),
    BoardsCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
