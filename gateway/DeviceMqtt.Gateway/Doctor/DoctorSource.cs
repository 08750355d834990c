using DeviceMqtt.Broker.State;
using DeviceMqtt.Custody;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What the doctor looks at.</summary>
/// <param name="Broker">Sessions and limits.</param>
/// <param name="Observation">What was noted.</param>
/// <param name="Uplinks">The links upstream.</param>
/// <param name="State">The disk; null when nothing is kept.</param>
/// <param name="Connections">How many are open; inside a turn.</param>
/// <param name="Certificate">Where the certificate is, from when on it is valid, and when it ends; null where there is no TLS.</param>
/// <param name="IsAnonymous">Clients from other machines need no password.</param>
internal sealed record DoctorSource(BrokerState Broker, Observation Observation, IReadOnlyList<Uplink> Uplinks, DurableState? State, Func<int> Connections, Func<(string File, long FromUnixMs, long UntilUnixMs)>? Certificate, bool IsAnonymous)
{
    /// <summary>When a device that did not wake was to be back, as the list of devices has it, in milliseconds since 1970; null for all others. Inside a turn.</summary>
    public required Func<DeviceEntry, long?> OverdueOf { get; init; }
}
