using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Words;

/// <summary>
/// How one of our gateways says in 5.0 that a message, which was refused before, is on its way alone: a user property of its PUBLISH. What comes
/// after it was sent when its answer was known, and need not be refused to keep the order.
/// </summary>
internal static class AloneMark
{
    public static UserProperty Property { get; } = new(Marks.Name, "alone");

    private static readonly byte[] Encoded = Encode();

    /// <summary>The property as it is in a packet.</summary>
    public static ReadOnlySpan<byte> Bytes => Encoded;

    /// <param name="properties">Of a PUBLISH, encoded.</param>
    public static bool IsIn(ReadOnlySpan<byte> properties) => properties.IndexOf(Encoded) >= 0;

    /// <summary>The properties without it: who gets the message next, another gateway above too, is told nothing of how it came here.</summary>
    public static ReadOnlySpan<byte> Without(ReadOnlySpan<byte> properties)
    {
        int at = properties.IndexOf(Encoded);
        return at < 0 ? properties : (byte[])[.. properties[..at], .. properties[(at + Encoded.Length)..]];
    }

    private static byte[] Encode()
    {
        PropertyWriter writer = new();
        writer.Add(Property);
        return writer.Written.ToArray();
    }
}
