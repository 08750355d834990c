using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>Publishers at full speed: what arrives in a steady window, what it cost, and what was lost in the whole run.</summary>
internal sealed class ThroughputLoad(BrokerProcess broker, LoadLoop loop)
{
    // What is in socket buffers when the publishers stop is tens of megabytes; a slow broker needs its time for it.
    private const double DrainSecondsMax = 30;
    private const double QuietSeconds = 2;

    private readonly List<Publisher> _publishers = [];
    private readonly List<Subscriber> _subscribers = [];

    /// <summary>Deliveries that one published message makes.</summary>
    public int CopiesPerMessage { get; init; } = 1;

    /// <summary>What publishes, asked after each round of events; none where publishers go by themselves.</summary>
    public Action? Pump { get; set; }

    public long Delivered
    {
        get
        {
            long sum = 0;
            foreach (Subscriber subscriber in _subscribers)
                sum += subscriber.Delivered;
            return sum;
        }
    }

    public void Add(Publisher publisher) => _publishers.Add(publisher);

    public void Add(Subscriber subscriber) => _subscribers.Add(subscriber);

    public Measurement Run(RunSettings settings)
    {
        RunFor(settings.WarmUpSeconds);
        long deliveredBefore = Delivered;
        var window = new Window(broker);
        RunFor(settings.WindowSeconds);
        window.End();
        long delivered = Delivered - deliveredBefore;
        double residentMb = broker.ResidentKb / 1024;
        if (delivered == 0)
            throw new IOException("no message was delivered in the window" + (loop.FirstCloseReason is null ? "" : ": " + loop.FirstCloseReason));
        Drain();

        var measurement = new Measurement();
        measurement.Add("delivered messages/s", MetricKind.Rate, delivered / window.Seconds);
        measurement.Add("broker CPU, us per delivered message", MetricKind.Cost, window.BrokerSeconds * 1e6 / delivered);
        window.AddCircumstances(measurement);
        measurement.Add("load generator CPU, us per delivered message", MetricKind.Circumstance, window.LoadSeconds * 1e6 / delivered);
        long expected = _publishers.Sum(publisher => publisher.Published) * CopiesPerMessage;
        measurement.Add("lost, % of all published", MetricKind.Circumstance, (expected - Delivered) * 100.0 / expected);
        measurement.Add("RSS at the end of the window, MB", MetricKind.Circumstance, residentMb);
        AddNotes(measurement, window);
        return measurement;
    }

    /// <summary>Lets the load run.</summary>
    public void RunFor(double seconds) => loop.RunUntil(
        () =>
        {
            Pump?.Invoke();
            return false;
        },
        seconds);

    public void Drain()
    {
        foreach (Publisher publisher in _publishers)
            publisher.Stop();
        long started = Stopwatch.GetTimestamp();
        long before;
        do
        {
            before = Delivered;
            if (loop.RunUntil(HasEverything, QuietSeconds))
                return;
        }
        while (Delivered != before && Stopwatch.GetElapsedTime(started).TotalSeconds < DrainSecondsMax);
    }

    private bool HasEverything() => Delivered >= _publishers.Sum(publisher => publisher.Published) * CopiesPerMessage;

    public void AddNotes(Measurement measurement, Window window)
    {
        window.AddLimitNote(measurement);
        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        if (_publishers.OfType<WindowedPublisher>().Any(publisher => publisher.OutOfOrder > 0))
            measurement.Notes.Add("acknowledgements came out of order [MQTT-4.6.0-2]");
    }
}
