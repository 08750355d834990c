using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>Time and CPU between its making and its <see cref="End"/>.</summary>
internal sealed class Window(BrokerProcess broker)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long _brokerNs = broker.CpuNs;
    private readonly long _loadNs = CpuClock.OwnNs;
    private readonly long _takenNs = CoreTaker.TakenNs;
    private readonly CoreUse _cores = CoreUse.Now(CpuCore.Broker, CpuCore.Load);

    public double Seconds { get; private set; }

    public double BrokerSeconds { get; private set; }

    public double BrokerPercent => BrokerSeconds / Seconds * 100;

    public double LoadPercent => LoadSeconds / Seconds * 100;

    public double LoadSeconds { get; private set; }

    /// <summary>Percent of one core that neither the broker nor the load used: other processes, and the host of a virtual machine.</summary>
    public double OthersPercent { get; private set; }

    public void End()
    {
        Seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        BrokerSeconds = (broker.CpuNs - _brokerNs) / 1e9;
        double taken = (CoreTaker.TakenNs - _takenNs) / 1e9;
        LoadSeconds = ((CpuClock.OwnNs - _loadNs) / 1e9) - taken;
        CoreUse cores = CoreUse.Now(CpuCore.Broker, CpuCore.Load);
        double used = cores.BusySeconds - _cores.BusySeconds + cores.StolenSeconds - _cores.StolenSeconds;
        OthersPercent = Math.Max(0, used - BrokerSeconds - LoadSeconds - taken) / Seconds * 100;
    }

    public void AddCircumstances(Measurement measurement)
    {
        measurement.Add("broker, % of its core", MetricKind.Circumstance, BrokerPercent);
        measurement.Add("load generator, % of its core", MetricKind.Circumstance, LoadPercent);
        AddOthers(measurement);
    }

    /// <summary>Says so where the broker could have done more.</summary>
    public void AddLimitNote(Measurement measurement)
    {
        if (LoadPercent > 97 && BrokerPercent < 0.95 * CoreTaker.BrokerPercent)
            measurement.Notes.Add("a lower bound: the load generator was at its limit, the broker was not");
    }

    public void AddOthers(Measurement measurement)
    {
        measurement.Add("others, % of a core", MetricKind.Circumstance, OthersPercent);
        measurement.OthersPercent = OthersPercent;
    }
}
