namespace DeviceMqtt.Protocol;

/// <summary>One Topic Filter of a SUBSCRIBE with its Subscription Options (5.0, 3.8.3.1); before 5.0 all but QoS are as a 3.1.1 server acts.</summary>
public readonly record struct SubscriptionRequest(
    TopicFilter Filter,
    QoS QoS,
    bool NoLocal = false,
    bool RetainAsPublished = false,
    RetainHandling RetainHandling = RetainHandling.SendAtSubscribe)
{
    /// <summary>The options byte; before 5.0 only the QoS.</summary>
    internal byte GetOptions(ProtocolVersion version) => version != ProtocolVersion.V5
        ? (byte)QoS
        : (byte)((int)QoS | (NoLocal ? 4 : 0) | (RetainAsPublished ? 8 : 0) | (int)RetainHandling << 4);

    internal static MalformedReason CheckOptions(byte options, bool isShared, ProtocolVersion version)
    {
        if ((options & 3) == 3)
            return MalformedReason.SubscriptionQoS3; // [MQTT-3.8.3-4] of 3.1.1; 5.0, 3.8.3.1: a Protocol Error, unlike the QoS 3 of a PUBLISH
        if ((options & (version == ProtocolVersion.V5 ? 0xC0 : 0xFC)) != 0)
            return MalformedReason.SubscriptionOptionsReserved; // [MQTT-3.8.3-5]
        if ((options & 0x30) == 0x30)
            return MalformedReason.RetainHandling3; // 5.0, 3.8.3.1
        if (isShared && (options & 4) != 0)
            return MalformedReason.NoLocalOnSharedSubscription; // [MQTT-3.8.3-4]
        return MalformedReason.None;
    }
}
