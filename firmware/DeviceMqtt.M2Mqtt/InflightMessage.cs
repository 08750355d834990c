using DeviceMqtt.Protocol;

namespace nanoFramework.M2Mqtt;

/// <summary>One packet in the queue: to be sent and acknowledged, or received and to be acknowledged.</summary>
internal sealed class InflightMessage
{
    /// <summary>PUBLISH, SUBSCRIBE or UNSUBSCRIBE.</summary>
    internal required PacketType Type { get; init; }

    internal required ushort PacketId { get; init; }

    internal QoS QoS { get; init; }

    /// <summary>True if it was received.</summary>
    internal bool IsInbound { get; init; }

    /// <summary>The whole packet, if it is to be sent.</summary>
    internal byte[] Packet { get; init; } = [];

    /// <summary>Topic name, if it was received.</summary>
    internal string Topic { get; init; } = string.Empty;

    /// <summary>Payload, if it was received.</summary>
    internal byte[] Payload { get; init; } = [];

    internal bool Dup { get; init; }

    internal bool Retain { get; init; }

    internal InflightState State { get; set; }

    internal int Resends { get; set; }

    internal long SentMs { get; set; }
}
