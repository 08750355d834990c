using System.CommandLine;
using DeviceMqtt.Simulator;

RootCommand root = new("Virtual boards: the firmware's device logic on a PC, over real TCP.")
{
    BoardsCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
