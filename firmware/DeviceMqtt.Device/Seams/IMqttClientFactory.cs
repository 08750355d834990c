using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Makes the client for one connection. The library resolves the host name when the client is made and never again, so every reconnect
    /// gets a new one. Implementations also set <c>Settings.InflightQueueSize</c> to <see cref="DeviceLimits.InflightQueueSize"/>: the
    /// library's own default has no bound.
    /// </summary>
    public interface IMqttClientFactory
    {
        /// <summary>A new client, not connected. May block on DNS and may throw what the network throws.</summary>
        IMqttClient Create();
    }
}
