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
    private readonly CoreUse _cores = CoreUse.Now(CpuCore.Broker, CpuCore.Load);

    public double Seconds { get; private set; }

    public double BrokerSeconds { get; private set; }

    public double BrokerPercent => BrokerSeconds / Seconds * 100;

    public double LoadPercent { get; private set; }

    /// <summary>Percent of one core that neither the broker nor the load used: other processes, and the host of a virtual machine.</summary>
    public double OthersPercent { get; private set; }

    public void End()
    {
        Seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        BrokerSeconds = (broker.CpuNs - _brokerNs) / 1e9;
        double loadSeconds = (CpuClock.OwnNs - _loadNs) / 1e9;
        LoadPercent = loadSeconds / Seconds * 100;
        CoreUse cores = CoreUse.Now(CpuCore.Broker, CpuCore.Load);
        double used = cores.BusySeconds - _cores.BusySeconds + cores.StolenSeconds - _cores.StolenSeconds;
        OthersPercent = Math.Max(0, used - BrokerSeconds - loadSeconds) / Seconds * 100;
    }

    public void AddCircumstances(Measurement measurement)
    {
        measurement.Add("broker, % of its core", MetricKind.Circumstance, BrokerPercent);
        measurement.Add("load generator, % of its core", MetricKind.Circumstance, LoadPercent);
        AddOthers(measurement);
    }

    public void AddOthers(Measurement measurement)
    {
        measurement.Add("others, % of a core", MetricKind.Circumstance, OthersPercent);
        measurement.OthersPercent = OthersPercent;
    }
}
