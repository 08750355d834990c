using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>status</c>: what the running gateway says of itself. Exit codes: 0 all upstreams are connected, 1 one is not or there is no gateway, 2 wrong words.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Argument<string?> at = new("ADDRESS") { Description = "Where the gateway listens, mqtt://user:password@host:1883. Without it: the gateway of this machine, by its data folder.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> data = DeviceWords.DataOption();
        Option<bool> all = new("--all") { Description = "Every value, as it stands on $SYS." };
        Command command = new("status", "Ask the running gateway for its state, and that of its upstreams.") { at, data, all };
        command.SetAction((parsed, stop) => RunAsync(parsed.GetValue(at), parsed.GetValue(data), parsed.GetValue(all), stop));
        return command;
    }

    private static async Task<int> RunAsync(string? at, string? data, bool all, CancellationToken stop)
    {
        try
        {
            SortedDictionary<string, string> values = await new StatusClient(GatewayAddress.Find("ADDRESS", at, data)).ReadAsync(stop);
            if (values.Count == 0)
                throw new UplinkException(UplinkEndReason.NotMqtt, "it publishes nothing on $SYS/broker: no gateway, or Sys:IntervalSeconds is 0");
            return all ? PrintAll(values) : Print(values);
        }
        catch (SettingException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return RunCommand.WrongSetting;
        }
        catch (UplinkException exception)
        {
            await Console.Error.WriteLineAsync($"no answer from the gateway: {exception.End}");
            return RunCommand.Failed;
        }
    }

    private static int PrintAll(SortedDictionary<string, string> values)
    {
        foreach ((string name, string value) in values)
            Console.WriteLine($"{name} {value}");
        return 0;
    }

    private static int Print(SortedDictionary<string, string> values)
    {
        string Of(string name) => values.GetValueOrDefault(name, "");
        Console.WriteLine($"{Of("version")}, up {Of("uptime")}, {Of("clients/connected")} clients connected");
        foreach (LedgerClass ledgerClass in Ledger.Classes)
        {
            string account = "custody/" + ledgerClass.ToString().ToLowerInvariant();
            Console.WriteLine($"{ledgerClass}: {Of(account + "/accepted")} accepted = {Of(account + "/delivered")} delivered + {Of(account + "/pending")} pending + {Of(account + "/expired")} expired + {Of(account + "/dropped")} dropped");
        }

        bool isUp = true;
        foreach (string name in values.Keys.Where(static k => k.StartsWith("relay/", StringComparison.Ordinal)).Select(static k => k.Split('/')[1]).Distinct(StringComparer.Ordinal))
        {
            string upstream = $"relay/{name}/";
            string state = Of(upstream + "state");
            isUp &= state == "connected";
            string version = Of(upstream + "version") is { Length: > 0 } known ? $" with MQTT {known}" : "";
            Console.WriteLine($"upstream {name}: {state} {Of(upstream + "address")}{version} since {Of(upstream + "since")}");
            Console.WriteLine($"  {Of(upstream + "backlog/messages")} messages wait, {Of(upstream + "backlog/bytes")} bytes, the oldest for {Of(upstream + "backlog/age")} s");
            if (Of(upstream + "aside/messages") is { Length: > 0 } and not "0" and { } aside)
                Console.WriteLine($"  {aside} messages are set aside, {Of(upstream + "aside/bytes")} bytes, the newest on {Of(upstream + "aside/newest")}: 'relay aside list' shows them");
            Console.WriteLine($"  {Of(upstream + "wills")} Wills of devices are held there");
            Console.WriteLine($"  out {Of(upstream + "rate/out")}/s, in {Of(upstream + "rate/in")}/s");
            if (Of(upstream + "error") is { Length: > 0 } error)
                Console.WriteLine($"  last error: {error}");
        }

        return isUp ? 0 : RunCommand.Failed;
    }
}
