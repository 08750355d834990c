namespace DeviceMqtt.Protocol;

/// <summary>What an encoder refuses: values of our own that the wire cannot carry. They are our bugs, hence exceptions.</summary>
internal static class WireFormat
{
    public static void ThrowIfTooLong(int length)
    {
        if (length > MqttUtf8.StringBytesMax)
            throw new ArgumentException($"A field of {length} bytes does not fit a length of two bytes.", nameof(length));
    }

    public static void ThrowIfNotEncodable(string text)
    {
        if (!MqttUtf8.Check(text, out MalformedReason reason))
            throw new ArgumentException($"A string cannot be encoded: {reason.ToText()}.", nameof(text));
    }

    public static void ThrowIfPacketIdZero(ushort packetId)
    {
        if (packetId == 0)
            throw new ArgumentException("The Packet Identifier is 0.", nameof(packetId));
    }
}
