using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>
/// A command to a device that is awake, and its answer, beside an even 5,000 messages/s of others, QoS 1 all of it. Time counts from when the command was
/// due until the sender has the answer. Fifty devices get a command in turn, 100 a second in all: none has two at a time, so the pace of commands is no part of it.
/// </summary>
internal sealed class CommandLatencyRow : BenchmarkRow
{
    private const int Devices = 50;
    private const int MessagesPerCommand = 50;
    private const double AnswersWaitSecondsMax = 5;

    public override string Name => "command-latency";

    public override string Title => $"A command to an awake device and its answer, beside {PacedPairs.MessagesPerSecond:N0} messages/s, QoS 1";

    public override bool AsksLowLatency => true;

    // It forwards bytes, and does not know who is to get them.
    public override bool HasCeiling => false;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: true));
        using var loop = new LoadLoop();
        int perSecond = PacedPairs.MessagesPerSecond / MessagesPerCommand;
        var record = new AgeRecord((int)(perSecond * (settings.WarmUpSeconds + settings.WindowSeconds + 2)));
        var others = new AgeRecord((int)(PacedPairs.MessagesPerSecond * (settings.WindowSeconds + 1)));
        var pairs = new PacedPairs(loop, broker.Port, settings.ProtocolLevel, qos: 1, others);
        var senders = new List<CommandEnd>();
        long commands = 0;
        for (int i = 0; i < Devices; i++)
        {
            _ = CommandEnd.Open(loop, broker.Port, settings.ProtocolLevel, $"board{i:00}", $"app{i:00}", record: null);
            senders.Add(CommandEnd.Open(loop, broker.Port, settings.ProtocolLevel, $"app{i:00}", $"board{i:00}", record));
        }
        pairs.Begin();
        pairs.Publish(settings.WarmUpSeconds, CommandNowAndThen);
        record.Clear();
        others.Clear();
        var window = new Window(broker);
        pairs.Publish(settings.WindowSeconds, CommandNowAndThen);
        window.End();
        int answered = record.Count;
        // One that is slow must not be left out of the percentiles.
        bool areAllAnswered = loop.RunUntil(() => senders.TrueForAll(static s => s.Unanswered == 0), AnswersWaitSecondsMax);
        if (answered == 0)
            throw new IOException("no command was answered in the window");

        var measurement = new Measurement();
        foreach (int percent in (int[])[50, 95, 99])
            measurement.Add($"p{percent}, us", MetricKind.Cost, record.PercentileUs(percent / 100.0));
        measurement.Add("broker CPU, % of a core", MetricKind.Cost, window.BrokerPercent);
        measurement.Add("commands answered/s", MetricKind.Circumstance, answered / window.Seconds);
        measurement.Add("other messages/s", MetricKind.Circumstance, others.Count / window.Seconds);
        window.AddOthers(measurement);
        if (!areAllAnswered)
            measurement.Notes.Add($"{senders.Sum(static s => s.Unanswered)} commands were not answered within {AnswersWaitSecondsMax:N0} s of the end");
        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        return measurement;

        void CommandNowAndThen(long published, long due)
        {
            if (published % MessagesPerCommand == 0)
                senders[(int)(commands % Devices)].Command(++commands, due);
        }
    }
}
