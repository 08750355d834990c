using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>A Will Message that may have to be published.</summary>
internal sealed class PendingWill(WillMessage message)
{
    public WillMessage Message { get; } = message;

    /// <summary>Monotonic milliseconds at which it is published; <see cref="long.MaxValue"/> while the client is connected.</summary>
    public long DueMs { get; set; } = long.MaxValue;
}
