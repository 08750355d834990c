using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Uplinks;

/// <summary>What is known of the upstream at one moment.</summary>
/// <param name="State">Connecting also covers a try that follows another.</param>
/// <param name="Since">When this state began: a series of failed tries counts from the first.</param>
/// <param name="LastEnd">Why the last try or connection ended; reason None before the first did.</param>
/// <param name="Address">The address that is connected, or was tried last.</param>
/// <param name="Version">The version of MQTT of the connection that is, or was last; empty before the first.</param>
internal sealed record UplinkStatus(UplinkState State, DateTimeOffset Since, UplinkEnd LastEnd, string Address, string Version);
