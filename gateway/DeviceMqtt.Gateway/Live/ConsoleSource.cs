using DeviceMqtt.Broker;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Custody;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Live;

/// <summary>What the API shows and steers.</summary>
internal sealed class ConsoleSource
{
    public required MqttBroker Mqtt { get; init; }

    public required Observation Observation { get; init; }

    public required IReadOnlyList<Uplink> Uplinks { get; init; }

    /// <summary>What is on the disk; null when nothing is kept.</summary>
    public required DurableState? State { get; init; }

    /// <summary>The figures, made when somebody wants them.</summary>
    public required Lazy<GatewayMeter> Meter { get; init; }

    /// <summary>What a day brings to the disk.</summary>
    public required DiskRate Disk { get; init; }

    /// <summary>Messages on their way.</summary>
    public required TraceRows Traces { get; init; }

    /// <summary>The settings in force.</summary>
    public required GatewayOptions Options { get; init; }

    /// <summary>The users and roles.</summary>
    public required UserDirectory Directory { get; init; }

    /// <summary>The users that can be changed.</summary>
    public required UserFile Users { get; init; }

    /// <summary>Is told of what people change; null where nothing is kept.</summary>
    public required AuditTrail? Audit { get; init; }

    /// <summary>Where the certificate is, from when on it is valid, and when it ends, in milliseconds since 1970; null where there is no TLS.</summary>
    public required Func<(string File, long FromUnixMs, long UntilUnixMs)>? Certificate { get; init; }

    public required TimeProvider Time { get; init; }

    public BrokerState Broker => Mqtt.State;

    public long NowUnixMs => Broker.Clock.NowUnixMs;

    /// <summary>What everybody sees first: the name of this machine.</summary>
    public static string HostName => Environment.MachineName;

    public static string Version => SysTopics.VersionText;
}
