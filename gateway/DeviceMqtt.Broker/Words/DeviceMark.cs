using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Words;

/// <summary>
/// How one of our gateways says in 5.0 whether the devices that it subscribes for are there: a user property of its SUBSCRIBE. It does so where CONNACK has
/// <see cref="Understood"/>, and nowhere else: to other brokers it would be one more packet for each device that connects.
/// </summary>
internal static class DeviceMark
{
    /// <summary>In CONNACK for a gateway below: its subscriptions are read like this.</summary>
    public static UserProperty Understood { get; } = new(Marks.Name, "devices");

    /// <summary>The devices have connected to the gateway that subscribes.</summary>
    public static UserProperty Here { get; } = new(Marks.Name, "here");

    /// <summary>The gateway that subscribes knows the devices.</summary>
    public static UserProperty Known { get; } = new(Marks.Name, "known");

    public static DeviceTelling Of(SubscribePacket packet) =>
        Marks.Has(packet.UserProperties, Here) ? DeviceTelling.IsHere : Marks.Has(packet.UserProperties, Known) ? DeviceTelling.IsKnown : DeviceTelling.Nothing;

    public static bool IsUnderstood(ConnAckProperties told) => Marks.Has(told.UserProperties, Understood);
}
