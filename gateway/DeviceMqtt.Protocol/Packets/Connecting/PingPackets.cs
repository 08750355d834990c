namespace DeviceMqtt.Protocol;

/// <summary>PINGREQ and PINGRESP (5.0, 3.12 and 3.13): two bytes, always the same.</summary>
public static class PingPackets
{
    public static ReadOnlySpan<byte> PingReq => [0xC0, 0x00];

    public static ReadOnlySpan<byte> PingResp => [0xD0, 0x00];

    /// <summary>Checks either of the two.</summary>
    public static bool TryDecode(in Frame frame, ProtocolVersion version, out MalformedReason reason)
    {
        PacketType type = frame.Type == PacketType.PingReq ? PacketType.PingReq : PacketType.PingResp;
        if (frame.Check(type, 0, version, out reason) && !frame.Body.IsEmpty)
            reason = MalformedReason.BodyTooLong;
        return reason == MalformedReason.None;
    }
}
