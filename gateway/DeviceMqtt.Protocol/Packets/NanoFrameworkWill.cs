namespace DeviceMqtt.Protocol;

/// <summary>
/// Knows the malformed CONNECT of 3.1.1 that nanoFramework.M2Mqtt sent from 2024-04 to 2026-03: when there was a Will, an extra 0x00 (the empty
/// Will Properties of 5.0) stood before the Will Topic, and one surplus byte at the end.
/// </summary>
/// <remarks>
/// Asked only about a packet that was refused, and it says yes only when the packet is sound in every field but for these two bytes: nothing
/// else is mistaken for it.
/// </remarks>
internal static class NanoFrameworkWill
{
    /// <param name="reader">Standing at the Connect Flags.</param>
    public static bool Recognise(BodyReader reader)
    {
        if (!reader.TryReadByte(out byte bits))
            return false;
        var flags = new ConnectFlags(bits);
        return flags.HasWill
            && flags.Check(ProtocolVersion.V311) == MalformedReason.None
            && reader.TryReadUInt16(out _)
            && reader.TryReadUtf8(out _)
            && reader.TryReadByte(out byte extra) && extra == 0
            && reader.TryReadBinary(out ReadOnlySpan<byte> topic) && TopicName.Check(topic, out _)
            && reader.TryReadBinary(out _)
            && (!flags.HasUserName || reader.TryReadUtf8(out _))
            && (!flags.HasPassword || reader.TryReadBinary(out _))
            && reader.Remaining == 1;
    }
}
