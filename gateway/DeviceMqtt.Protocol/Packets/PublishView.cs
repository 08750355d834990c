namespace DeviceMqtt.Protocol;

/// <summary>A decoded PUBLISH (5.0, 3.3), as views into the frame it came from.</summary>
public readonly ref struct PublishView
{
    public bool Dup { get; init; }

    public QoS QoS { get; init; }

    public bool Retain { get; init; }

    /// <summary>0 with QoS 0, else 1 to 65,535.</summary>
    public ushort PacketId { get; init; }

    /// <summary>UTF-8. Empty only in 5.0 together with a <see cref="TopicAlias"/>.</summary>
    public ReadOnlySpan<byte> TopicName { get; init; }

    /// <summary>Encoded and checked, without their length; empty before 5.0. Read them with <see cref="PropertyReader"/>.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>Which properties are there: says whether any has to be looked at or left out.</summary>
    public PropertySet PropertiesPresent { get; init; }

    /// <summary>0 when there is none.</summary>
    public ushort TopicAlias { get; init; }

    /// <summary>Null when the message does not expire.</summary>
    public uint? MessageExpirySeconds { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }
}
