using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Words;

/// <summary>
/// How one of our gateways says in 5.0 that it is one, and speaks for devices: a user property of its CONNECT. Before 5.0
/// the top bit of the protocol level says so, which 5.0 brokers refuse.
/// </summary>
internal static class BridgeMark
{
    public static UserProperty Property { get; } = new(Marks.Name, "gateway");

    public static bool IsIn(ConnectPacket connect) => Marks.Has(connect.Properties.UserProperties, Property);
}
