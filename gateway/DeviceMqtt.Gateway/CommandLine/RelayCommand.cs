using System.CommandLine;
using System.Globalization;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Journal;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Sending;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>relay aside list|show|retry|drop</c>: messages that an upstream does not take, of the running gateway or in the folder of a stopped
/// one. Exit codes: 0 done, 1 it could not be done, 2 wrong words.
/// </summary>
internal static class RelayCommand
{
    private const string All = "all";

    public static Command Create()
    {
        Command aside = new("aside", "Messages that an upstream does not take: they were set aside, so that the others go on.");
        aside.Subcommands.Add(Create("list", "Show them, one a line."));
        aside.Subcommands.Add(Create("show", "Show one with its payload.", hasNumber: true));
        aside.Subcommands.Add(Create("retry", "Have one sent again, behind what waits.", hasNumber: true));
        aside.Subcommands.Add(Create("drop", "Drop one, counted as DroppedByOperator.", hasNumber: true));
        return new Command("relay", "What goes on to the upstreams.") { aside };
    }

    private static Command Create(string name, string description, bool hasNumber = false)
    {
        Argument<string> which = new("NUMBER") { Description = "As 'list' shows it, or all." };
        Option<string> upstream = new("--name") { Description = "Relay:Name of the upstream.", DefaultValueFactory = _ => RelayOptions.DefaultName };
        Option<string?> at = new("--at") { Description = "Where the gateway listens, mqtt://user:password@host:1883. Without it: the gateway of this machine, by its data folder." };
        Option<string?> data = new("--data") { Description = "The data folder of the gateway, which may be stopped. Default: as `run` has it." };
        Command command = new(name, description) { upstream, at, data };
        if (hasNumber)
            command.Arguments.Add(which);
        command.SetAction(async (parsed, stop) =>
        {
            string number = hasNumber ? parsed.GetValue(which)! : "";
            return parsed.GetValue(at) is null && parsed.GetValue(data) is { } folder && !await IsRunningAsync(folder, stop)
                ? await RunOnFolderAsync(folder, parsed.GetValue(upstream)!, name, number)
                : await AskAsync(parsed.GetValue(at), parsed.GetValue(data), $"{name} {parsed.GetValue(upstream)} {number}", stop);
        });
        return command;
    }

    private static async Task<bool> IsRunningAsync(string folder, CancellationToken stop)
    {
        try
        {
            await using Stream connected = await GatewayDoor.In(folder).DialAsync(stop);
            return true;
        }
        catch (UplinkException)
        {
            return false; // The lock of the journal says it, should one run all the same.
        }
    }

    private static async Task<int> AskAsync(string? at, string? data, string words, CancellationToken stop)
    {
        try
        {
            Console.WriteLine(await new AsideClient(GatewayAddress.Find("--at", at, data)).AskAsync(words, stop));
            return 0;
        }
        catch (SettingException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return RunCommand.WrongSetting;
        }
        catch (UplinkException exception)
        {
            await Console.Error.WriteLineAsync($"no answer from the gateway: {exception.End}; of a gateway that is stopped, give the folder with --data");
            return RunCommand.Failed;
        }
    }

    private static async Task<int> RunOnFolderAsync(string folder, string upstream, string verb, string which)
    {
        try
        {
            string journal = Path.Combine(folder, GatewayHost.JournalFolder);
            if (!Directory.Exists(journal))
                throw new IOException($"there is no journal in '{folder}'");
            await using AsideFolder aside = new(new DirectoryStorage(journal), upstream, TimeProvider.System);
            return Run(aside, verb, which);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or JournalException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return RunCommand.Failed;
        }
    }

    private static int Run(AsideFolder aside, string verb, string which)
    {
        int[] numbers = which is All or "" ? [.. Enumerable.Range(1, aside.All.Count)]
            : int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out int one) && one >= 1 && one <= aside.All.Count ? [one]
            : throw new IOException($"there is no {which}");
        if (aside.All.Count == 0)
            Console.WriteLine("nothing is set aside");
        foreach (int number in numbers)
        {
            (_, AsideReason why, Message message) = aside.All[number - 1];
            Console.WriteLine(AsideText.Line(number, message, why, aside.Clock));
            if (verb == "show")
                Console.WriteLine(AsideText.Payload(message.Payload));
            else if (verb == "retry")
                aside.TakeBack(number);
            else if (verb == "drop")
                aside.Drop(number);
        }

        if (verb is "retry" or "drop")
            Console.WriteLine($"{numbers.Length} {(verb == "retry" ? "go up at the next start" : "dropped")}");
        return 0;
    }
}
