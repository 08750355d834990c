namespace DeviceMqtt.Protocol;

/// <summary>
/// One whole packet as it stands in the receive buffer. Valid until the reader that made it reads again or its buffer is given back.
/// <code>
/// +----------+------------------------+----------------+
/// | type  4b | remaining length       | body           |
/// | flags 4b | 1 to 4 bytes           |                |
/// +----------+------------------------+----------------+
/// </code>
/// </summary>
public readonly ref struct Frame
{
    private readonly int _bodyOffset;

    internal Frame(ReadOnlySpan<byte> packet, int bodyOffset)
    {
        Packet = packet;
        _bodyOffset = bodyOffset;
    }

    /// <summary>The whole packet, fixed header included.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    /// <summary>Variable header and payload.</summary>
    public ReadOnlySpan<byte> Body => Packet[_bodyOffset..];

    /// <summary>Type and flags.</summary>
    public byte FirstByte => Packet[0];

    public PacketType Type => (PacketType)(FirstByte >> 4);

    /// <summary>The lower four bits of the first byte.</summary>
    public byte Flags => (byte)(FirstByte & 0x0F);

    /// <summary>False when the Remaining Length has more bytes than it needs: allowed by 3.1.1, forbidden by 5.0 [MQTT-1.5.5-1].</summary>
    public bool HasMinimalLength => _bodyOffset == 2 || Packet[_bodyOffset - 1] != 0;

    /// <summary>The beginning of every decoder: the right type, the flags this type must have, and for 5.0 the shortest length.</summary>
    internal bool Check(PacketType type, byte flags, ProtocolVersion version, out MalformedReason reason)
    {
        reason = MalformedReason.None;
        if (Type != type)
            reason = MalformedReason.UnexpectedPacketType;
        else if (Flags != flags && version != ProtocolVersion.V31)
            reason = MalformedReason.ReservedFlags; // [MQTT-2.1.3-1]; 3.1 calls them unused, and sets DUP on what is sent again.
        else if (version == ProtocolVersion.V5 && !HasMinimalLength)
            reason = MalformedReason.RemainingLengthNotMinimal;
        return reason == MalformedReason.None;
    }
}
