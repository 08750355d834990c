using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>One question to every broker. A row starts the broker itself, so that no row inherits what another left behind.</summary>
internal abstract class BenchmarkRow
{
    /// <summary>As it is named on the command line.</summary>
    public abstract string Name { get; }

    public abstract string Title { get; }

    /// <summary>Names several rows at once on the command line.</summary>
    public virtual string Group => StandardGroup;

    /// <summary>Of the rows that have been there from the beginning.</summary>
    public const string StandardGroup = "standard";

    /// <summary>The null broker can run it, so the load generator's ceiling is known.</summary>
    public virtual bool HasCeiling => true;

    /// <summary>It asks brokers to send each message at once (<see cref="BrokerSettings.LowLatency"/>).</summary>
    public virtual bool AsksLowLatency => false;

    /// <summary>It has brokers send everything on to an upstream (<see cref="BrokerSettings.UpstreamPort"/>).</summary>
    public virtual bool AsksRelay => false;

    /// <summary>It is measured for this peer.</summary>
    public bool IsFor(Peer peer) => CanRun(peer) && (AsksLowLatency || !peer.IsForLowLatencyOnly) && (AsksRelay || !peer.IsForRelayOnly);

    public virtual bool CanRun(Peer peer) => HasCeiling || peer is not NullPeer;

    /// <exception cref="IOException">The broker failed; with what it said.</exception>
    public abstract Measurement Measure(Peer peer, RunSettings settings);
}
