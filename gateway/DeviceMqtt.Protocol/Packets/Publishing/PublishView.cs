namespace DeviceMqtt.Protocol;

/// <summary>A decoded PUBLISH (5.0, 3.3), as views into the frame it came from.</summary>
/// <remarks>Filled field by field by its decoder: building it whole and copying it took as long as all of the checks.</remarks>
public ref struct PublishView
{
    public bool Dup { readonly get; internal set; }

    public QoS QoS { readonly get; internal set; }

    public bool Retain { readonly get; internal set; }

    /// <summary>0 with QoS 0, else 1 to 65,535.</summary>
    public ushort PacketId { readonly get; internal set; }

    /// <summary>UTF-8. Empty only in 5.0 together with a <see cref="TopicAlias"/>.</summary>
    public ReadOnlySpan<byte> TopicName { readonly get; internal set; }

    /// <summary>Encoded and checked, without their length; empty before 5.0. Read them with <see cref="PropertyReader"/>.</summary>
    public ReadOnlySpan<byte> Properties { readonly get; internal set; }

    /// <summary>Which properties are there: says whether any has to be looked at or left out.</summary>
    public PropertySet PropertiesPresent { readonly get; internal set; }

    /// <summary>0 when there is none.</summary>
    public ushort TopicAlias { readonly get; internal set; }

    /// <summary>Null when the message does not expire.</summary>
    public uint? MessageExpirySeconds { readonly get; internal set; }

    public ReadOnlySpan<byte> Payload { readonly get; internal set; }
}
