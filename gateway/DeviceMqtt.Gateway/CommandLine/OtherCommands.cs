using System.CommandLine;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Everything that the command line can do beside <see cref="RunCommand"/>.</summary>
internal static class OtherCommands
{
    public static void AddTo(RootCommand root)
    {
        PrivateFile.IsForOwnerOfFolder = true;
        foreach (Command command in JournalCommand.All())
            root.Subcommands.Add(command);
        root.Subcommands.Add(DeviceCommand.Create());
        root.Subcommands.Add(new SendCommand().Create());
        root.Subcommands.Add(CertCommand.Create());
        root.Subcommands.Add(StatusCommand.Create());
        root.Subcommands.Add(RelayCommand.Create());
        root.Subcommands.Add(ConfigCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create(root));
    }
}
