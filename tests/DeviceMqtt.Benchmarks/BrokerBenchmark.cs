using System.ComponentModel;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;
using DeviceMqtt.Benchmarks.Rows;
using DeviceMqtt.Benchmarks.Rows.Console;
using DeviceMqtt.Benchmarks.Rows.Paced;
using DeviceMqtt.Benchmarks.Rows.Scale;
using DeviceMqtt.Benchmarks.Rows.Stall;

namespace DeviceMqtt.Benchmarks;

/// <summary>Runs rows against peers, interleaved over rounds, and reports. It asserts no time: what it fails for is a broker that fails.</summary>
internal sealed class BrokerBenchmark(IReadOnlyList<Peer> peers, IReadOnlyList<BenchmarkRow> rows, RunSettings settings, int rounds)
{
    private const double QuietWaitSecondsMax = 10;
    private const double OthersPercentMax = 5;

    public static IReadOnlyList<BenchmarkRow> AllRows { get; } =
    [
        new FanInRow(qos: 0), new FanInRow(qos: 1), new FanOutRow(), new PairwiseRow(),
        new LatencyRow(qos: 1), new LatencyRow(qos: 0), .. BurstsRow.All, new CommandLatencyRow(), new ConnectionsRow(), new StartupRow(),
        new KeepRow(isPaced: false), new KeepRow(isPaced: false, isVolatile: true), new CommitRow(), new DrainRow(), .. RelayRow.All,
        .. PacedLoad.All.Select(static load => new PacedRow(load)), new KeepRow(isPaced: true), new KeepRow(isPaced: true, isVolatile: true), new ConnectsRow(), new BoardsRow(),
        .. PacedLoad.All.Select(static load => new ColdRow(load)),
        new StallRow(new SubscribeCase()), new StallRow(new SessionEndCase()), new StallRow(new JournalCase()), new StallRow(new WillsCase()),
        new StallRow(new ExpiryCase()), new StallRow(new PasswordsCase()), new StallRow(new RestCase()), new ThinRow(), new TlsRow(), new ConsolesRow(),
        new TraceRow(new FanInRow(qos: 0)), new TraceRow(new FanInRow(qos: 1)), new TraceRow(new FanOutRow()), new TraceRow(new PairwiseRow()),
        new ScaleConnectionsRow(), new ScaleSubscriptionsRow(), new ScaleRetainedRow(), new ScaleBacklogRow(),
    ];

    public BenchmarkReport Run()
    {
        string circumstances =
            $"{Machine.Describe()}. Broker on core {CpuCore.Broker}, load generator on core {CpuCore.Load}. " +
            $"{rounds} interleaved rounds of {settings.WindowSeconds} s after {settings.WarmUpSeconds} s, medians; " +
            $"{PublishRing.PayloadBytes}-byte payloads, MQTT {(settings.ProtocolLevel == 5 ? "5.0" : "3.1.1")}. " +
            (settings.BrokerSharePercent < 100 ? $"The broker has {settings.BrokerSharePercent} % of its core: something of higher priority takes the rest. " : "") +
            $"Paced publishers put {settings.MessagesPerWriteMax} messages into one write at most. " +
            $"In brackets: times {Peer.Reference}'s figure.";
        var report = new BenchmarkReport(Peer.Reference, circumstances);
        if (peers.Any(peer => peer.Name == GatewayPeer.BeforeName))
            report.Comparison = new BuildComparison(GatewayPeer.BeforeName, GatewayPeer.DefaultName);
        CpuCore.MoveThisProcess(CpuCore.Load);
        List<Peer> ready = Prepare(report);
        foreach (BenchmarkRow row in rows)
        {
            var result = new RowResult(row.Name, row.Title, ready.Where(row.IsFor).Select(peer => peer.Name));
            report.Rows.Add(result);
            for (int round = 0; round < rounds; round++)
            {
                // The order turns around every round, so that no peer always runs on what another left behind (caches, TIME_WAIT).
                foreach (Peer peer in round % 2 == 0 ? ready : Enumerable.Reverse(ready))
                {
                    if (row.IsFor(peer) && (peer is not NullPeer || round == 0 || row.AsksRelay))
                        Measure(row, peer, round, result.Of(peer.Name));
                }
            }
        }
        return report;
    }

    private List<Peer> Prepare(BenchmarkReport report)
    {
        var ready = new List<Peer>();
        foreach (Peer peer in peers)
        {
            string? problem = settings.ProtocolLevel == 5 && !peer.SpeaksV5 ? "does not carry MQTT 5.0" : peer.Prepare();
            if (problem is null)
                ready.Add(peer);
            report.PeerDescriptions.Add(problem is null ? $"{peer.Name}: {peer.Describe()}" : $"{peer.Name}: not measured, {problem}");
        }
        return ready;
    }

    private void Measure(BenchmarkRow row, Peer peer, int round, PeerResult result)
    {
        string label = $"{row.Name} round {round + 1} {peer.Name}";
        try
        {
            Measurement measurement = MeasureUndisturbed(row, peer);
            result.Add(measurement);
            Console.Error.WriteLine($"{label}: {measurement.Metrics[0].Value:N1} {measurement.Metrics[0].Name}");
        }
        catch (Exception e) when (e is IOException or Win32Exception)
        {
            result.Failures.Add($"failed: {e.Message}");
            Console.Error.WriteLine($"{label}: failed: {e.Message}");
        }
    }

    /// <summary>Of up to <see cref="RunSettings.AttemptsMax"/> attempts the first that nothing else on the machine disturbed, or the least disturbed.</summary>
    private Measurement MeasureUndisturbed(BenchmarkRow row, Peer peer)
    {
        Measurement? best = null;
        int attemptsMax = settings.IsSmoke ? 1 : settings.AttemptsMax;
        for (int attempt = 0; attempt < attemptsMax && !(best?.OthersPercent <= OthersPercentMax); attempt++)
        {
            if (!settings.IsSmoke)
                CoreUse.WaitForQuiet(CpuCore.Broker, CpuCore.Load, QuietWaitSecondsMax);
            using CoreTaker? taker = CoreTaker.LeaveOf(settings.BrokerSharePercent);
            Measurement measurement = row.Measure(peer, settings);
            if (best is null || measurement.OthersPercent < best.OthersPercent)
                best = measurement;
        }
        if (best!.OthersPercent > OthersPercentMax)
            best.Notes.Add($"other processes took more than {OthersPercentMax} % of a core in a round");
        return best;
    }
}
