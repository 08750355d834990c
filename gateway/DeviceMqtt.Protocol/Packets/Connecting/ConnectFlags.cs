namespace DeviceMqtt.Protocol;

/// <summary>The Connect Flags byte (5.0, 3.1.2.3).</summary>
internal readonly record struct ConnectFlags(byte Bits)
{
    public bool HasUserName => (Bits & 0x80) != 0;

    public bool HasPassword => (Bits & 0x40) != 0;

    public bool WillRetain => (Bits & 0x20) != 0;

    public QoS WillQoS => (QoS)(Bits >> 3 & 3);

    public bool HasWill => (Bits & 0x04) != 0;

    public bool CleanStart => (Bits & 0x02) != 0;

    public static ConnectFlags Of(ConnectPacket packet)
    {
        int bits = (packet.UserName is null ? 0 : 0x80) | (packet.Password is null ? 0 : 0x40) | (packet.CleanStart ? 0x02 : 0);
        if (packet.Will is { } will)
            bits |= 0x04 | (int)will.QoS << 3 | (will.Retain ? 0x20 : 0);
        return new ConnectFlags((byte)bits);
    }

    /// <summary>3.1 calls the reserved bit unused and ignores the Will flags without a Will; later versions refuse both.</summary>
    public MalformedReason Check(ProtocolVersion version)
    {
        if (HasWill && (int)WillQoS == 3)
            return MalformedReason.WillQoS3; // [MQTT-3.1.2-12]
        if (version == ProtocolVersion.V31)
            return MalformedReason.None;
        if ((Bits & 0x01) != 0)
            return MalformedReason.ConnectFlagsReserved; // [MQTT-3.1.2-3]
        if (!HasWill && (Bits & 0x38) != 0)
            return MalformedReason.WillFlagsWithoutWill; // [MQTT-3.1.2-11], [MQTT-3.1.2-13]
        if (version == ProtocolVersion.V311 && HasPassword && !HasUserName)
            return MalformedReason.PasswordWithoutUserName; // 3.1.1 [MQTT-3.1.2-22]; 5.0 allows it
        return MalformedReason.None;
    }
}
