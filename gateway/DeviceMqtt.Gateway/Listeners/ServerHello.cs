namespace DeviceMqtt.Gateway.Listeners;

/// <summary>What the first bytes of a TLS server are. Pure.</summary>
internal static class ServerHello
{
    private const byte MessageType = 2; // server_hello, RFC 8446 section 4
    private const int TypeAt = 5; // behind the header of the record
    private const int RandomAt = TypeAt + 4 + 2; // behind the header of the message, and legacy_version

    // SHA-256 of "HelloRetryRequest", section 4.1.3.
    private static ReadOnlySpan<byte> RandomOfRetry =>
    [
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
        0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ];

    /// <summary>They ask for another ClientHello, and nothing is signed yet.</summary>
    public static bool IsRetryRequest(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= RandomAt + RandomOfRetry.Length && bytes[0] == FirstBytes.Handshake && bytes[TypeAt] == MessageType && bytes[RandomAt..].StartsWith(RandomOfRetry);
}
