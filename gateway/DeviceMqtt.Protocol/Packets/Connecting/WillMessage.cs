namespace DeviceMqtt.Protocol;

/// <summary>The Will Message of a CONNECT (5.0, 3.1.2.5).</summary>
public sealed class WillMessage
{
    /// <summary>A sound Topic Name.</summary>
    public required string Topic { get; init; }

    /// <summary>At most 65,535 bytes.</summary>
    public byte[] Payload { get; init; } = [];

    public QoS QoS { get; init; }

    public bool Retain { get; init; }

    /// <summary>5.0 only; the defaults before.</summary>
    public WillProperties Properties { get; init; } = WillProperties.Default;
}
