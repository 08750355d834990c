using System.CommandLine;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Everything that the command line can do, help included.</summary>
internal static class OtherCommands
{
    public static RootCommand Root(RunOptions run, Command runByName)
    {
        RootCommand root = new("DeviceMqtt gateway: a local MQTT broker that buffers for an upstream and delivers commands to single devices.");
        run.AddTo(root);
        root.Subcommands.Add(runByName);
        PrivateFile.IsForOwnerOfFolder = true;
        foreach (Command command in JournalCommand.All())
            root.Subcommands.Add(command);
        root.Subcommands.Add(DeviceCommand.Create());
        root.Subcommands.Add(new SendCommand().Create());
        root.Subcommands.Add(CertCommand.Create());
        foreach (Command command in UserCommand.All())
            root.Subcommands.Add(command);
        root.Subcommands.Add(StatusCommand.Create());
        root.Subcommands.Add(ReloadCommand.Create());
        root.Subcommands.Add(BackupCommand.Create());
        root.Subcommands.Add(RestoreCommand.Create());
        root.Subcommands.Add(UpgradeCheckCommand.Create());
        root.Subcommands.Add(RelayCommand.Create());
        root.Subcommands.Add(TraceCommand.Create());
        root.Subcommands.Add(FleetCommand.Create());
        root.Subcommands.Add(ConfigCommand.Create());
        root.Subcommands.Add(ServiceCommand.Create());
        root.Subcommands.Add(ImportCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create(root));
        return root;
    }
}
