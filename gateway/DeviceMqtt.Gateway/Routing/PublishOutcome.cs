namespace DeviceMqtt.Gateway.Routing;

/// <summary>What a publisher is told.</summary>
internal enum PublishOutcome : byte
{
    Accepted,

    /// <summary>Accepted, and nobody wants it (5.0 reason 0x10).</summary>
    NoSubscribers,
}
