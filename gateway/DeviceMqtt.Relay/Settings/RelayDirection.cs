namespace DeviceMqtt.Relay.Settings;

/// <summary>Which way the messages of a rule go.</summary>
internal enum RelayDirection : byte
{
    /// <summary>To the upstream.</summary>
    Out = 0,

    /// <summary>From the upstream.</summary>
    In = 1,
}
