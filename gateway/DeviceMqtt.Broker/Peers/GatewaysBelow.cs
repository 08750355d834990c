using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Which gateway has which device, where this broker is the upstream of others. A gateway connects as a bridge and
/// subscribes to <c>+/p2p/{clientId}</c> for each of its devices; a P2P message for a device that is not connected here
/// goes to that gateway's Session, which keeps it while the gateway is away. One gateway has a device at a time: the one
/// that subscribed last.
/// </summary>
internal sealed class GatewaysBelow
{
    private readonly Dictionary<string, Session> _byDevice = new(StringComparer.Ordinal);

    /// <summary>Told of each device that no gateway below has any more.</summary>
    public Action<string>? DeviceGone { get; set; }

    /// <summary>The gateway's Session that a device is reached through; null when there is none.</summary>
    public Session? Find(string clientId) => _byDevice.GetValueOrDefault(clientId);

    /// <summary>Takes note of a bridge's subscription, if it is to one device's P2P topic.</summary>
    /// <returns>The device; null when it is not.</returns>
    public string? Subscribed(Session bridge, TopicFilter filter)
    {
        if (!P2PTopic.TryParse(filter.Value, out _, out string device))
            return null;
        _byDevice[device] = bridge;
        return device;
    }

    /// <summary>A subscription is gone, by UNSUBSCRIBE or with its Session.</summary>
    public void Unsubscribed(Session bridge, TopicFilter filter)
    {
        if (!P2PTopic.TryParse(filter.Value, out _, out string device) || Find(device) != bridge)
            return;
        _ = _byDevice.Remove(device);
        DeviceGone?.Invoke(device);
    }
}
