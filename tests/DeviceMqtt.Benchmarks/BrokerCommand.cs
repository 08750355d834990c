using System.CommandLine;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;
using DeviceMqtt.Benchmarks.Rows;

namespace DeviceMqtt.Benchmarks;

/// <summary>The command line of the broker benchmark.</summary>
internal static class BrokerCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5, Description = "Every row is measured so often for each peer." };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 3, Description = "Length of the measured window." };
        var warmUp = new Option<double?>("--warm-up") { Description = "Seconds of load before the window; 5, or the window if that is below 1." };
        var rows = new Option<string>("--rows") { DefaultValueFactory = _ => Names(BrokerBenchmark.AllRows), Description = "Which rows." };
        var peers = new Option<string>("--peers") { DefaultValueFactory = _ => "gateway,mosquitto,nats,null", Description = "Which brokers." };
        var protocol = new Option<int>("--protocol") { DefaultValueFactory = _ => 4, Description = "4 for MQTT 3.1.1, 5 for 5.0." };
        protocol.AcceptOnlyFromAmong("4", "5");
        var connections = new Option<int>("--connections") { DefaultValueFactory = _ => 5000, Description = "Of the row `connections`." };
        var gatewayDll = new Option<string?>("--gateway-dll") { Description = "A published gateway; without it this source tree's is published." };
        var output = new Option<string?>("--out") { Description = "Also writes the report to FILE.md or FILE.json." };
        var selfTest = new Option<bool>("--self-test") { Description = "Only the null broker: the ceiling of the load generator." };
        var command = new Command("broker", "The gateway beside other brokers.")
        {
            rounds, seconds, warmUp, rows, peers, protocol, connections, gatewayDll, output, selfTest,
        };
        command.SetAction(arguments =>
        {
            double window = arguments.GetValue(seconds);
            var settings = new RunSettings(
                arguments.GetValue(warmUp) ?? (window < 1 ? window : 5), window, arguments.GetValue(protocol), arguments.GetValue(connections));
            using var gateway = new GatewayPeer(arguments.GetValue(gatewayDll));
            Peer[] known = [gateway, new MosquittoPeer(), new NatsPeer(), new NullPeer()];
            IReadOnlyList<Peer>? chosenPeers =
                Choose(known, peer => peer.Name, arguments.GetValue(selfTest) ? "null" : arguments.GetValue(peers)!, "peer");
            IReadOnlyList<BenchmarkRow>? chosenRows = Choose(BrokerBenchmark.AllRows, row => row.Name, arguments.GetValue(rows)!, "row");
            if (chosenPeers is null || chosenRows is null)
                return 2;
            if (arguments.GetValue(selfTest))
                chosenRows = [.. chosenRows.Where(row => row.HasCeiling)];
            BenchmarkReport report = new BrokerBenchmark(chosenPeers, chosenRows, settings, arguments.GetValue(rounds)).Run();
            Write(report, arguments.GetValue(output));
            return report.HasFailures ? 1 : 0;
        });
        return command;
    }

    private static string Names(IEnumerable<BenchmarkRow> rows) => string.Join(',', rows.Select(row => row.Name));

    private static List<T>? Choose<T>(IReadOnlyList<T> known, Func<T, string> name, string list, string kind)
        where T : class
    {
        var chosen = new List<T>();
        foreach (string wanted in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            T? match = known.FirstOrDefault(entry => name(entry) == wanted);
            if (match is null)
            {
                Console.Error.WriteLine($"There is no {kind} `{wanted}`: {string.Join(", ", known.Select(name))}.");
                return null;
            }
            chosen.Add(match);
        }
        return chosen;
    }

    private static void Write(BenchmarkReport report, string? file)
    {
        string markdown = report.ToMarkdown();
        Console.WriteLine(markdown);
        if (file is not null)
            File.WriteAllText(file, file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? report.ToJson() : markdown);
    }
}
