using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.TestSupport;

/// <summary>Why each connection ended, by its number.</summary>
internal interface ICloseReasons
{
    /// <returns><see cref="CloseReason.None"/> while it is open.</returns>
    CloseReason ReasonOf(long connection);
}
