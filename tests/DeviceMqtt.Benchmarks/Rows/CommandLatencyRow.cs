using System.Diagnostics;
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
    private const int Pairs = 100;
    private const int MessagesPerSecond = 5000;
    private const int Devices = 50;
    private const int MessagesPerCommand = 50;
    private const double AnswersWaitSecondsMax = 5;

    private readonly List<PacedPublisher> _publishers = [];
    private readonly List<CommandEnd> _senders = [];
    private long _published;
    private long _commands;
    private long _due;

    public override string Name => "command-latency";

    public override string Title => $"A command to an awake device and its answer, beside {MessagesPerSecond:N0} messages/s, QoS 1";

    // It forwards bytes, and does not know who is to get them.
    public override bool HasCeiling => false;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: true));
        using var loop = new LoadLoop();
        int perSecond = MessagesPerSecond / MessagesPerCommand;
        var record = new AgeRecord((int)(perSecond * (settings.WarmUpSeconds + settings.WindowSeconds + 2)));
        var others = new AgeRecord((int)(MessagesPerSecond * (settings.WindowSeconds + 1)));
        _publishers.Clear();
        _senders.Clear();
        for (int i = 0; i < Pairs; i++)
        {
            string topic = $"bench/pair/{i:000}";
            _ = AgeSubscriber.Open(loop, broker.Port, settings.ProtocolLevel, $"sub{i:000}", topic, qos: 1, others);
            _publishers.Add(PacedPublisher.Open(loop, broker.Port, settings.ProtocolLevel, $"pub{i:000}", topic, qos: 1));
        }
        for (int i = 0; i < Devices; i++)
        {
            _ = CommandEnd.Open(loop, broker.Port, settings.ProtocolLevel, $"board{i:00}", $"app{i:00}", record: null);
            _senders.Add(CommandEnd.Open(loop, broker.Port, settings.ProtocolLevel, $"app{i:00}", $"board{i:00}", record));
        }
        _due = Stopwatch.GetTimestamp();
        Publish(loop, settings.WarmUpSeconds);
        record.Clear();
        others.Clear();
        var window = new Window(broker);
        Publish(loop, settings.WindowSeconds);
        window.End();
        int answered = record.Count;
        // One that is slow must not be left out of the percentiles.
        bool areAllAnswered = loop.RunUntil(() => _senders.TrueForAll(static s => s.Unanswered == 0), AnswersWaitSecondsMax);
        if (answered == 0)
            throw new IOException("no command was answered in the window");

        var measurement = new Measurement();
        measurement.Add("p50, us", MetricKind.Cost, record.PercentileUs(0.50));
        measurement.Add("p95, us", MetricKind.Cost, record.PercentileUs(0.95));
        measurement.Add("p99, us", MetricKind.Cost, record.PercentileUs(0.99));
        measurement.Add("broker CPU, % of a core", MetricKind.Cost, window.BrokerPercent);
        measurement.Add("commands answered/s", MetricKind.Circumstance, answered / window.Seconds);
        measurement.Add("other messages/s", MetricKind.Circumstance, others.Count / window.Seconds);
        window.AddOthers(measurement);
        if (!areAllAnswered)
            measurement.Notes.Add($"{_senders.Sum(static s => s.Unanswered)} commands were not answered within {AnswersWaitSecondsMax:N0} s of the end");
        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        return measurement;
    }

    private void Publish(LoadLoop loop, double seconds)
    {
        long interval = Stopwatch.Frequency / MessagesPerSecond;
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            if (Stopwatch.GetTimestamp() >= _due)
            {
                if (!_publishers[(int)(_published % Pairs)].TryPublish(_due))
                    throw new IOException($"the broker took no more after {_published} messages");
                if (_published % MessagesPerCommand == 0)
                    _senders[(int)(_commands % Devices)].Command(++_commands, _due);
                _published++;
                _due += interval;
            }
            loop.Poll(0);
        }
    }
}
