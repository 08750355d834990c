using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Words;

/// <summary>
/// How one of our gateways says in 5.0 that it is one, and speaks for devices: a user property of its CONNECT. Before 5.0
/// the top bit of the protocol level says so, which 5.0 brokers refuse.
/// </summary>
internal static class BridgeMark
{
    public static UserProperty Property { get; } = new("devicemqtt", "gateway");

    public static bool IsIn(ConnectPacket connect)
    {
        IReadOnlyList<UserProperty> properties = connect.Properties.UserProperties;
        for (int i = 0; i < properties.Count; i++)
            if (properties[i] == Property)
                return true;
        return false;
    }
}
