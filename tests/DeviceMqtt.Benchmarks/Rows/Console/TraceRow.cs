using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows.Console;

/// <summary>
/// What it costs to note the ways of all messages, under full load. Two runs differ by more than that: so it is one process whose notes are switched on and off
/// in turn, in many short windows, and neighbours are compared: the median of all pairs, so that a window in which the machine did something else does not count. Every
/// second pair has its windows the other way around: what drifts steadily cancels out.
/// </summary>
/// <param name="load">What is published.</param>
internal sealed class TraceRow(GatheredRow load) : BenchmarkRow
{
    private const int Pairs = 64;
    private const int SmokePairs = 2;
    private const double LongestSeconds = 0.3;
    // Until what reading the settings has cost is over, and what was between the sockets; and until the ring is full, for its memory is taken but once: 16,384 steps of at most 40,000 a second.
    // The same before both: what a change of settings costs is in neither.
    private const double SettleSeconds = 0.45;
    private const double SwitchSecondsMax = 10;
    private const int OnBytes = 1024 * 1024;

    public override string Name => $"trace-{load.Name}";

    public override string Group => "trace";

    public override string Title => $"The ways of all messages noted, and not, in turn. {load.Title}";

    public override bool HasCeiling => false;

    public override bool CanRun(Peer peer) => peer is GatewayPeer;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false) { GatewayFile = FileOf(OnBytes) });
        using var loop = new LoadLoop();
        ThroughputLoad running = load.Open(broker, loop, settings);
        running.RunFor(settings.WarmUpSeconds);
        double seconds = Math.Min(LongestSeconds, settings.WindowSeconds);
        var notes = new Switching(broker, running, loop);
        notes.Switch(isOn: false); // the first switches have code compiled
        notes.Switch(isOn: true);
        List<(Part Off, Part On)> pairs = [];
        double others = 0;
        for (int i = 0; i < (settings.IsSmoke ? SmokePairs : Pairs); i++)
        {
            bool isOnFirst = i % 2 == 1;
            Part first = Measured(isOnFirst), second = Measured(!isOnFirst);
            pairs.Add(isOnFirst ? (second, first) : (first, second));
        }

        running.Drain();
        var measurement = new Measurement();
        Add(measurement, "more CPU per delivered message, %", [.. pairs.Select(static pair => ((pair.On.Cpu / pair.Off.Cpu) - 1) * 100)]);
        Add(measurement, "fewer delivered messages/s, %", [.. pairs.Select(static pair => (1 - (pair.On.Rate / pair.Off.Rate)) * 100)]);
        measurement.Add("not noted: delivered messages/s", MetricKind.Circumstance, Sorted(pairs.Select(static pair => pair.Off.Rate))[pairs.Count / 2]);
        measurement.Add("not noted: broker CPU, us per delivered message", MetricKind.Circumstance, Sorted(pairs.Select(static pair => pair.Off.Cpu))[pairs.Count / 2]);
        measurement.Add("others, % of a core, at most", MetricKind.Circumstance, others);
        measurement.OthersPercent = others;
        return measurement;

        Part Measured(bool isOn)
        {
            notes.Switch(isOn);
            long before = running.Delivered;
            var window = new Window(broker);
            running.RunFor(seconds);
            window.End();
            long delivered = running.Delivered - before;
            others = Math.Max(others, window.OthersPercent);
            return delivered > 0 ? new Part(window.BrokerSeconds * 1e6 / delivered, delivered / window.Seconds) : throw new IOException("no message was delivered in a window" + (loop.FirstCloseReason is { } reason ? $": {reason}" : ""));
        }
    }

    private static string FileOf(int bytes) => $$"""{ "Trace": { "BytesMax": {{bytes}} } }""";

    // The median, and between which values it is, at 95 %: by the binomial distribution, which asks for no shape of theirs.
    private static void Add(Measurement measurement, string name, double[] values)
    {
        double[] sorted = Sorted(values);
        int outside = 0; // so many at each end lie beyond it with less than 2.5 %
        double chance = Math.Pow(0.5, sorted.Length);
        for (double below = chance; below < 0.025 && outside < sorted.Length / 2; below += chance)
        {
            outside++;
            chance *= (double)(sorted.Length - outside + 1) / outside;
        }

        int end = Math.Max(0, outside - 1);
        measurement.Add(name, MetricKind.Cost, (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2);
        measurement.Add($"{name}: 95 % confidence, from", MetricKind.Circumstance, sorted[end]);
        measurement.Add($"{name}: to", MetricKind.Circumstance, sorted[^(end + 1)]);
    }

    private static double[] Sorted(IEnumerable<double> values) => [.. values.Order()];

    private sealed record Part(double Cpu, double Rate);

    /// <summary>Switches the notes, while the load goes on.</summary>
    private sealed class Switching(BrokerProcess broker, ThroughputLoad running, LoadLoop loop)
    {
        private bool _isOn = true; // as it was started

        public void Switch(bool isOn)
        {
            if (isOn == _isOn)
                return;
            _isOn = isOn;
            int bytes = isOn ? OnBytes : 0;
            string said = $"Trace:BytesMax is {bytes},";
            broker.Reload(FileOf(bytes));
            bool isDone = loop.RunUntil(
                () =>
                {
                    running.Pump?.Invoke();
                    return broker.HasSaid(said);
                },
                SwitchSecondsMax);
            if (!isDone)
                throw new IOException($"the gateway did not take over Trace:BytesMax={bytes} within {SwitchSecondsMax} s");
            running.RunFor(SettleSeconds);
        }
    }
}
