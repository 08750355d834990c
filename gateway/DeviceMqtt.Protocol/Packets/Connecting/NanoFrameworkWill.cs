namespace DeviceMqtt.Protocol;

/// <summary>
/// Knows the malformed CONNECT that nanoFramework.M2Mqtt sent from 2024-04 to 2026-03: when there was a Will, two bytes were reserved for the
/// Will Properties of 5.0 in every version, and one was written. So a 0x00 stands before the Will Topic, and another at the very end.
/// <code>
/// ... | client id | 00 | will topic | will payload | user name | password | 00 |
/// </code>
/// </summary>
/// <remarks>
/// Asked only about a packet that was refused, and it says yes only when the packet is sound in every field but for these two bytes: nothing
/// else is mistaken for it. Its CONNECT of 5.0 has only the byte at the end, which is too little to know it by.
/// </remarks>
internal static class NanoFrameworkWill
{
    /// <param name="reader">Standing at the Connect Flags.</param>
    public static bool Recognise(BodyReader reader, ProtocolVersion version)
    {
        if (!reader.TryReadByte(out byte bits))
            return false;
        var flags = new ConnectFlags(bits);
        return flags.HasWill
            && flags.Check(version) == MalformedReason.None
            && reader.TryReadUInt16(out _)
            && reader.TryReadUtf8(out _)
            && reader.TryReadByte(out byte extra) && extra == 0
            && reader.TryReadBinary(out ReadOnlySpan<byte> topic) && TopicName.Check(topic, out _)
            && reader.TryReadBinary(out _)
            && (!flags.HasUserName || reader.TryReadUtf8(out _))
            && (!flags.HasPassword || reader.TryReadBinary(out _))
            && reader.TryReadByte(out byte surplus) && surplus == 0
            && reader.TryEnd();
    }
}
