namespace DeviceMqtt.Gateway.Relay;

/// <summary>Where the gateway stands with its upstream.</summary>
internal enum UplinkState : byte
{
    Disconnected = 0,
    Connecting,
    Connected,
}
