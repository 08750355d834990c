namespace DeviceMqtt.Relay.Uplinks;

/// <summary>Where the gateway stands with its upstream.</summary>
internal enum UplinkState : byte
{
    Disconnected = 0,
    Connecting,
    Connected,
}
