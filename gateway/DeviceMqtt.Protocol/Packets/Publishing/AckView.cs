namespace DeviceMqtt.Protocol;

/// <summary>A decoded PUBACK, PUBREC, PUBREL or PUBCOMP, as a view into the frame it came from.</summary>
public readonly ref struct AckView
{
    /// <summary>1 to 65,535.</summary>
    public ushort PacketId { get; init; }

    /// <summary><see cref="ReasonCode.Success"/> before 5.0.</summary>
    public ReasonCode Reason { get; init; }

    /// <summary>Encoded and checked (Reason String, User Property), without their length; empty before 5.0.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }
}
