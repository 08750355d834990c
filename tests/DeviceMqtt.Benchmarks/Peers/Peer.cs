namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>A broker that the benchmark can start.</summary>
internal abstract class Peer
{
    /// <summary>The peer that ratios refer to.</summary>
    public const string Reference = "mosquitto";

    public abstract string Name { get; }

    /// <summary>False for a peer that cannot carry the rows of MQTT 5.0.</summary>
    public virtual bool SpeaksV5 => true;

    /// <summary>True for a peer that runs the rows that ask for low latency (<see cref="BrokerSettings.LowLatency"/>), and no others.</summary>
    public virtual bool IsForLowLatencyOnly => false;

    /// <summary>True for a peer that runs the rows that ask for a relay (<see cref="BrokerSettings.UpstreamPort"/>), and no others.</summary>
    public virtual bool IsForRelayOnly => false;

    /// <summary>What stands in the report: "mosquitto 2.0.11".</summary>
    public abstract string Describe();

    /// <summary>Why this machine cannot run it, or null. May take its time: the gateway is published here.</summary>
    public abstract string? Prepare();

    public abstract BrokerProcess Start(BrokerSettings settings);
}
