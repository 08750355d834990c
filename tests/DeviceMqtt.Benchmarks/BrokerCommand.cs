using System.CommandLine;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;
using DeviceMqtt.Benchmarks.Rows;

namespace DeviceMqtt.Benchmarks;

/// <summary>The command line of the broker benchmark.</summary>
internal sealed class BrokerCommand
{
    private const string DefaultPeers = "gateway,mosquitto,mosquitto-nodelay,mosquitto-nowindow,nats,null";
    private readonly Option<int> _rounds = new("--rounds") { DefaultValueFactory = _ => 5, Description = "Every row is measured so often for each peer." };
    private readonly Option<double> _seconds = new("--seconds") { DefaultValueFactory = _ => 3, Description = "Length of the measured window." };
    private readonly Option<double?> _warmUp = new("--warm-up") { Description = "Seconds of load before the window; 5, or the window if that is below 1." };
    private readonly Option<int> _attempts = new("--attempts") { DefaultValueFactory = _ => 3, Description = "How often a round is tried that other processes disturb; the least disturbed counts." };
    private readonly Option<int> _perWrite = new("--per-write")
    {
        DefaultValueFactory = _ => RunSettings.MessagesPerWriteDefault,
        Description = "Messages that a paced publisher puts into one write at most. With 1 it is the load generator that sets the rate of a fast broker: then only the CPU figures count.",
    };

    private readonly Option<string> _rows = new("--rows")
    {
        DefaultValueFactory = _ => BenchmarkRow.StandardGroup,
        Description = $"Which rows, by name or group, or `all`. {string.Join("; ", RowsByGroup())}.",
    };

    private readonly Option<bool> _fullScale = new("--full-scale")
    {
        Description = "Rows of `scale` to 10,000 connections, 100,000 subscriptions, 1,000,000 retained messages, a backlog of 5,000,000; without it to 5,000, 30,000, 100,000, 1,000,000.",
    };

    private readonly Option<int> _brokerShare = new("--broker-share")
    {
        DefaultValueFactory = _ => 100,
        Description = "Percent of its core that a broker gets, 10 to 100. The rest is taken away in slices of a millisecond, so that the broker is what limits where the load generator was. Needs the right to real-time priority (root).",
    };

    private readonly Option<string?> _curves = new("--curves") { Description = "Draws the rows of `scale` into FILE.svg." };
    private readonly StallOptions _stall = new();
    private readonly BurstOptions _bursts = new();
    private readonly Option<string?> _peers = new("--peers") { Description = $"Which brokers. Without it: {DefaultPeers}; with --against: {GatewayPeer.DefaultName},{GatewayPeer.BeforeName}." };
    private readonly Option<int> _protocol = new("--protocol") { DefaultValueFactory = _ => 4, Description = "4 for MQTT 3.1.1, 5 for 5.0." };
    private readonly Option<int> _connections = new("--connections") { DefaultValueFactory = _ => 5000, Description = "Of the row `connections`." };
    private readonly Option<string?> _gatewayDll = new("--gateway-dll") { Description = "A published gateway, its folder or its DLL; without it this source tree's is published." };
    private readonly Option<string?> _against = new("--against")
    {
        Description = $"Another published gateway, its folder or its DLL: peer `{GatewayPeer.BeforeName}`, measured in turn with `{GatewayPeer.DefaultName}`; the report compares the two.",
    };

    private readonly Option<string[]> _againstSettings = new("--against-set") { DefaultValueFactory = _ => [], Description = $"A setting of `{GatewayPeer.BeforeName}` beyond those of the rows, as `Trace:BytesMax=0`; may be given several times." };
    private readonly Option<string?> _output = new("--out") { Description = "Also writes the report to FILE.md or FILE.json." };
    private readonly Option<bool> _selfTest = new("--self-test") { Description = "Only the null broker: the ceiling of the load generator." };

    public static Command Create()
    {
        var parts = new BrokerCommand();
        parts._protocol.AcceptOnlyFromAmong("4", "5");
        var command = new Command("broker", "The gateway beside other brokers.")
        {
            parts._rounds, parts._seconds, parts._warmUp, parts._attempts, parts._perWrite, parts._brokerShare, parts._fullScale, parts._curves, parts._rows, parts._peers, parts._protocol, parts._connections,
            parts._gatewayDll, parts._against, parts._againstSettings, parts._output, parts._selfTest,
        };
        parts._stall.AddTo(command);
        parts._bursts.AddTo(command);
        command.SetAction(parts.Run);
        return command;
    }

    private int Run(ParseResult arguments)
    {
        double window = arguments.GetValue(_seconds);
        using var gateway = new GatewayPeer(GatewayPeer.DefaultName, arguments.GetValue(_gatewayDll), []);
        var settings = new RunSettings(
            arguments.GetValue(_warmUp) ?? (window < 1 ? window : 5), window, arguments.GetValue(_protocol), arguments.GetValue(_connections))
        {
            IsFullScale = arguments.GetValue(_fullScale),
            Stall = _stall.Read(arguments),
            Bursts = _bursts.Read(arguments),
            UpstreamGateway = gateway,
            MessagesPerWriteMax = Math.Max(1, arguments.GetValue(_perWrite)),
            BrokerSharePercent = Math.Clamp(arguments.GetValue(_brokerShare), CoreTaker.PercentMin, 100),
            AttemptsMax = arguments.GetValue(_attempts),
        };
        string? against = arguments.GetValue(_against);
        using GatewayPeer? before = against is null ? null : new GatewayPeer(GatewayPeer.BeforeName, against, arguments.GetValue(_againstSettings)!);
        List<Peer> known = [gateway, .. before is null ? [] : (Peer[])[before], new MosquittoPeer(), new MosquittoPeer(MosquittoTuning.SendsAtOnce), new MosquittoPeer(MosquittoTuning.BridgeWithoutWindow), new NatsPeer(), new NullPeer()];
        string peerList = arguments.GetValue(_selfTest) ? "null"
            : arguments.GetValue(_peers) ?? (before is null ? DefaultPeers : $"{GatewayPeer.DefaultName},{GatewayPeer.BeforeName}");
        List<Peer>? peers = Choose(known, peerList, "peer", static peer => peer.Name);
        List<BenchmarkRow>? rows = Choose(BrokerBenchmark.AllRows, arguments.GetValue(_rows)!, "row", static row => row.Name, static row => row.Group);
        if (peers is null || rows is null)
            return 2;
        if (arguments.GetValue(_selfTest))
            rows.RemoveAll(static row => !row.HasCeiling);
        BenchmarkReport report = new BrokerBenchmark(peers, rows, settings, arguments.GetValue(_rounds)).Run();
        Write(report, arguments.GetValue(_output));
        if (arguments.GetValue(_curves) is { } curves)
            File.WriteAllText(curves, CurvePage.Draw(report.Rows));
        return report.HasFailures ? 1 : 0;
    }

    private static IEnumerable<string> RowsByGroup() => BrokerBenchmark.AllRows.GroupBy(static row => row.Group)
        .Select(static group => $"{group.Key}: {string.Join(", ", group.Select(static row => row.Name))}");

    private static List<T>? Choose<T>(IReadOnlyList<T> known, string list, string kind, params Func<T, string>[] names)
        where T : class
    {
        var chosen = new List<T>();
        foreach (string wanted in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            T[] matches = [.. known.Where(entry => wanted == "all" || Array.Exists(names, name => name(entry) == wanted))];
            if (matches.Length == 0)
            {
                Console.Error.WriteLine($"There is no {kind} `{wanted}`: {string.Join(", ", known.Select(names[0]))}.");
                return null;
            }
            chosen.AddRange(matches.Except(chosen));
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
