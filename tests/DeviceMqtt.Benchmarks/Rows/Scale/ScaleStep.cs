using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows.Scale;

/// <summary>One size of a <see cref="ScaleRow"/>.</summary>
internal sealed record ScaleStep(BrokerProcess Broker, LoadLoop Loop, RunSettings Settings, string Things, int Count, Measurement Measurement)
{
    private const double RestSeconds = 30; // the gateway gives back what it has some seconds after the last message

    private long _cpuBeforeNs;
    private double _residentBeforeKb;

    /// <summary>Before the things are made.</summary>
    public void Begin()
    {
        _residentBeforeKb = Broker.ReadSettledKb();
        _cpuBeforeNs = Broker.CpuNs;
    }

    /// <summary>When all are there. The broker's CPU time is what counts: the load generator may be slower than it.</summary>
    public void End(string verb)
    {
        Add($"broker CPU to {verb} each, us", (Broker.CpuNs - _cpuBeforeNs) / 1000.0 / Count);
        Add("memory for each, B", (Broker.ResidentKb - _residentBeforeKb) * 1024 / Count);
    }

    public void Add(string curve, double value) => Measurement.AddPoint(curve, Things, Count, value);

    /// <summary>A start with all of them on the disk.</summary>
    public void Restart()
    {
        Broker.Restart();
        Add("start to the first CONNACK, ms", Broker.StartMs);
        Add("memory for each at the most while it starts, B", (Broker.PeakKb - _residentBeforeKb) * 1024 / Count);
        Add("memory for each after the start, B", (Broker.ReadSettledKb() - _residentBeforeKb) * 1024 / Count);
    }

    /// <summary>Nobody wants anything any more: what the broker keeps for itself, when it has had the time to give back what it can.</summary>
    public void Rest()
    {
        Add("memory when all was delivered, MB", Broker.ResidentKb / 1024);
        if (!Settings.IsSmoke)
            Loop.RunFor(RestSeconds);
        Add("memory at rest after it, MB", Broker.ResidentKb / 1024);
    }

    /// <exception cref="IOException">It was not done in time.</exception>
    public void RunUntil(Func<bool> isDone, string what, double secondsMax)
    {
        if (!Loop.RunUntil(() => isDone() || Loop.ClosedCount > 0, secondsMax) || !isDone())
            throw new IOException($"{Count:N0} {Things}: {what} not done within {secondsMax} s {Loop.FirstCloseReason}");
    }
}
