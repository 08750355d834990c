namespace DeviceMqtt.Broker.Words;

/// <summary>What the gateway tells of its clients: section <c>Presence</c>.</summary>
internal sealed class PresenceOptions
{
    /// <summary>Whether connections are told on <c>$gw/event/{group}</c> too, in the form of Alibaba Cloud's MQTT service.</summary>
    public bool Events { get; set; }
}
