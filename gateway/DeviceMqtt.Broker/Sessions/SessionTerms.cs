using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>What holds for a Session on its present connection: what the client asked for, within the limits, with the policy of its group.</summary>
internal sealed class SessionTerms
{
    /// <summary>Seconds that the Session outlives its connection; 0 ends it together with the connection.</summary>
    public required uint ExpirySeconds { get; init; }

    /// <summary>Seconds without a packet at one and a half times of which the connection ends; 0 for never.</summary>
    public required int KeepAliveSeconds { get; init; }

    /// <summary>QoS 1 and 2 messages in flight to the client.</summary>
    public required int WindowMax { get; init; }

    /// <summary>Bytes of the largest packet to the client.</summary>
    public required int PacketBytesMax { get; init; }

    /// <summary>Topic aliases that the gateway may define towards the client.</summary>
    public required ushort OutboundAliasMax { get; init; }

    /// <summary>Seconds after which a message of the client is not delivered any more; null for what the message says itself.</summary>
    public uint? MessageExpirySeconds { get; init; }

    /// <summary>Seconds between the end of the connection and the Will, whatever becomes of the Session; 0 for none.</summary>
    public uint WillGraceSeconds { get; init; }

    /// <summary>Seconds for which the client, if it is lost, is shown as online all the same; 0 for none.</summary>
    public uint PresenceGraceSeconds { get; init; }

    public static SessionTerms For(ConnectPacket packet, GroupPolicy policy, GatewayLimits limits)
    {
        bool isV5 = packet.Version == ProtocolVersion.V5;
        return new SessionTerms
        {
            ExpirySeconds = Math.Min((uint)limits.SessionExpirySecondsMax, isV5
                ? packet.Properties.SessionExpirySeconds ?? 0
                : packet.CleanStart ? 0 : policy.SessionExpirySeconds ?? uint.MaxValue),
            KeepAliveSeconds = KeepAlive(packet, limits.KeepAliveSecondsMax),
            WindowMax = Math.Min(packet.Properties.ReceiveMaximum, policy.InflightMax ?? limits.InflightMax),
            // The topic of an alias and a large payload fit no packet for those who have no alias.
            PacketBytesMax = (int)Math.Min(Math.Min(packet.Properties.MaximumPacketSize ?? uint.MaxValue, (uint)(policy.PacketBytesMax ?? int.MaxValue)), GatewayLimits.MqttPacketBytesMax),
            OutboundAliasMax = (ushort)Math.Min(packet.Properties.TopicAliasMaximum, limits.TopicAliasMaximum),
            MessageExpirySeconds = isV5 ? null : policy.MessageExpirySeconds,
            PresenceGraceSeconds = policy.PresenceGraceSeconds ?? (isV5 ? 0 : policy.WillDelaySeconds ?? 0),
            WillGraceSeconds = isV5 ? 0 : policy.WillDelaySeconds ?? 0,
        };
    }

    // A 5.0 client can be told a shorter one [MQTT-3.1.2-21]; to a 3.x client its own applies.
    private static int KeepAlive(ConnectPacket packet, int max)
    {
        bool isTooLong = packet.KeepAliveSeconds == 0 || packet.KeepAliveSeconds > max;
        return packet.Version == ProtocolVersion.V5 && max > 0 && isTooLong ? max : packet.KeepAliveSeconds;
    }
}
