using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>
/// The rate of the row `latency`, but several messages of a publisher at the same moment. One application gets them all. Times count from when a burst was due,
/// to the PUBACK at its publisher and to the delivery.
/// </summary>
/// <param name="name">Of the row, for an application that subscribes at QoS 1; `0` behind it otherwise.</param>
/// <param name="fixedShape">Null for the one of the command line.</param>
/// <param name="subscriberQos">0 or 1, of the application's subscription; what is published has QoS 1.</param>
internal sealed class BurstsRow(string name, BurstShape? fixedShape, int subscriberQos) : BenchmarkRow
{
    private const int MessagesPerSecond = PacedPairs.MessagesPerSecond;

    // Packet Identifiers for 4 s of everything.
    private const int RingsMessages = 4 * MessagesPerSecond;
    private const int RingMessagesMin = 1000;

    public static BurstsRow[] All =>
    [
        new("latency-bursts", fixedShape: null, subscriberQos: 1), new("latency-bursts", fixedShape: null, subscriberQos: 0),
        new("latency-boards", BurstShape.Boards, subscriberQos: 1), new("latency-boards", BurstShape.Boards, subscriberQos: 0),
    ];

    public override string Name => subscriberQos == 0 ? name + "0" : name;

    public override string Group => "bursts";

    public override string Title =>
        $"Latency at {MessagesPerSecond:N0} messages/s in bursts, {(fixedShape is null ? "20 of one publisher each 4 ms unless options say otherwise" : $"{fixedShape.Publishers} publishers with {fixedShape.Messages} messages each {PeriodMs(fixedShape):N0} ms")}, " +
        $"QoS 1, to one subscriber with QoS {subscriberQos}";

    public override bool AsksLowLatency => true;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        BurstShape shape = fixedShape ?? settings.Bursts;
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: true));
        using var loop = new LoadLoop();
        int capacity = (int)(MessagesPerSecond * (settings.WindowSeconds + 1)) + shape.Messages;
        var acknowledged = new AgeRecord(capacity);
        var delivered = new AgeRecord(capacity);
        _ = AgeSubscriber.Open(loop, broker.Port, settings.ProtocolLevel, "application", "bench/#", subscriberQos, delivered);
        int ringMessages = Math.Max(RingMessagesMin, RingsMessages / shape.Publishers);
        List<BurstPublisher> publishers =
            [.. Enumerable.Range(0, shape.Publishers).Select(i => BurstPublisher.Open(
                loop, broker.Port, settings.ProtocolLevel, $"board{i:000}", $"bench/boards/{i:000}", ringMessages, shape.PerWrite, acknowledged))];
        long bursts = 0;
        long due = Stopwatch.GetTimestamp();
        Publish(settings.WarmUpSeconds);
        acknowledged.Clear();
        delivered.Clear();
        var window = new Window(broker);
        Publish(settings.WindowSeconds);
        window.End();
        if (acknowledged.Count == 0 || delivered.Count == 0)
            throw new IOException("no message was acknowledged or delivered in the window");

        var measurement = new Measurement();
        foreach (int percent in (int[])[50, 95, 99])
            measurement.Add($"PUBACK p{percent}, us", MetricKind.Cost, acknowledged.PercentileUs(percent / 100.0));
        foreach (int percent in (int[])[50, 95, 99])
            measurement.Add($"delivery p{percent}, us", MetricKind.Cost, delivered.PercentileUs(percent / 100.0));
        measurement.Add("broker CPU, % of a core", MetricKind.Cost, window.BrokerPercent);
        measurement.Add("messages in a burst", MetricKind.Circumstance, shape.Messages);
        measurement.Add("a publisher's bursts, each ms", MetricKind.Circumstance, PeriodMs(shape));
        measurement.Add("delivered messages/s", MetricKind.Circumstance, delivered.Count / window.Seconds);
        window.AddOthers(measurement);
        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        return measurement;

        // As in the row `latency` the load generator spins: it must not sleep through a due time.
        void Publish(double seconds)
        {
            long interval = Stopwatch.Frequency * shape.Messages / MessagesPerSecond;
            long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < end)
            {
                if (Stopwatch.GetTimestamp() >= due)
                {
                    if (!publishers[(int)(bursts % shape.Publishers)].TryPublish(shape.Messages, due))
                        throw new IOException($"the broker took no more after {bursts} bursts");
                    bursts++;
                    due += interval;
                }
                loop.Poll(0);
            }
        }
    }

    private static double PeriodMs(BurstShape shape) => 1000.0 * shape.Publishers * shape.Messages / MessagesPerSecond;
}
