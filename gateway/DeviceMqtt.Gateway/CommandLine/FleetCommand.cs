using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>fleet status ADDRESS</c>: how the gateways fare that have one upstream. Exit codes as those of <c>status</c>: 0 all are well, 1 one wants attention, 2 there is nothing to read.</summary>
internal static class FleetCommand
{
    private const string Presence = "presence/";
    private const int PresencesMax = 1_000_000; // chosen: a hundred boards for each gateway that the table shows
    private static readonly TimeSpan Listen = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        Argument<string> at = new("ADDRESS") { Description = "The upstream that the gateways have in common, mqtt://user:password@host:1883." };
        Option<string> filter = new("--filter") { Description = "Where they tell of themselves; the last level is the gateway's name.", DefaultValueFactory = _ => "gateway/+" };
        Command status = new("status", "Show each gateway that tells its upstream how it fares; what needs attention first.") { at, filter };
        status.SetAction((parsed, stop) => RunAsync(parsed.GetValue(at)!, parsed.GetValue(filter)!, stop));
        return new Command("fleet", "Many gateways with one upstream.") { status };
    }

    private static async Task<int> RunAsync(string at, string filter, CancellationToken stop)
    {
        try
        {
            FleetTable table = new(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
            Dictionary<string, bool> online = new(StringComparer.Ordinal);
            await new FleetClient(GatewayAddress.Find("ADDRESS", at, dataFolder: null)).ReadAsync([filter, Presence + "+"], Listen, (topic, text) =>
            {
                string name = topic[(topic.LastIndexOf('/') + 1)..];
                if (topic.StartsWith(Presence, StringComparison.Ordinal))
                    Note(online, name, text == Wire.PresenceTopic.Online);
                else
                    table.Add(name, text);
            }, stop);
            foreach ((string name, bool isOnline) in online)
                table.Presence(name, isOnline);
            if (table.Count == 0)
                throw new UplinkException(UplinkEndReason.None, $"no gateway tells anything on '{filter}': each needs a rule for $gw/gateway (clusters.md)");
            foreach (string line in table.Lines())
                Console.WriteLine(line);
            return table.WithFindings == 0 ? StatusReport.Well : StatusReport.Attention;
        }
        catch (UplinkException exception)
        {
            await Console.Error.WriteLineAsync($"nothing to read: {exception.Message}");
            return StatusReport.Down;
        }
        catch (SettingException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return StatusReport.Down;
        }
    }

    // presence/+ has the boards of all gateways, too: the table has no more rows than that, but nobody knows which before both were heard.
    private static void Note(Dictionary<string, bool> online, string name, bool isOnline)
    {
        if (online.Count < PresencesMax || online.ContainsKey(name))
            online[name] = isOnline;
    }
}
