namespace DeviceMqtt.Broker.Words;

/// <summary>
/// Why a connection ended. Each connection ends with exactly one; the same value is the field in the log, the tag of the
/// counter and what tests assert.
/// </summary>
public enum CloseReason : byte
{
    /// <summary>The connection is open.</summary>
    None = 0,

    /// <summary>The client sent DISCONNECT; its Will is dropped.</summary>
    ClientDisconnected,

    /// <summary>The client sent a 5.0 DISCONNECT with another reason than the normal one: 0x04, which asks for its Will, or an error.</summary>
    ClientDisconnectedWithWill,

    /// <summary>The network connection ended without DISCONNECT.</summary>
    ClientGone,

    /// <summary>No packet within one and a half times the Keep Alive [MQTT-3.1.2-24].</summary>
    KeepAliveTimeout,

    /// <summary>No CONNECT within <see cref="GatewayLimits.ConnectSecondsMax"/>.</summary>
    ConnectTimeout,

    /// <summary>The client did not read for <see cref="GatewayLimits.OutputStallSecondsMax"/>.</summary>
    OutputStalled,

    /// <summary>A newer connection came with the same Client Identifier [MQTT-3.1.4-2].</summary>
    SessionTakenOver,

    /// <summary>Bytes that are no MQTT packet.</summary>
    MalformedPacket,

    /// <summary>A packet that may not be sent at this point, or with this content.</summary>
    ProtocolError,

    /// <summary>A packet above <see cref="GatewayLimits.PacketBytesMax"/>, or an answer above what a 5.0 client takes.</summary>
    PacketTooLarge,

    /// <summary>A Topic Name that is not allowed.</summary>
    TopicNameInvalid,

    /// <summary>A Client Identifier that is not allowed.</summary>
    ClientIdRejected,

    /// <summary>A protocol level this gateway does not speak.</summary>
    UnsupportedProtocolVersion,

    /// <summary>User name or password are wrong, or anonymous clients are not allowed here.</summary>
    NotAuthorized,

    /// <summary>5.0 enhanced authentication, which this gateway does not offer.</summary>
    BadAuthenticationMethod,

    /// <summary>A limit of <see cref="GatewayLimits"/> was reached.</summary>
    QuotaExceeded,

    /// <summary>More unacknowledged QoS 2 messages than the Receive Maximum allows.</summary>
    ReceiveMaximumExceeded,

    /// <summary>The gateway stops.</summary>
    ServerShuttingDown,

    /// <summary>A fault of the gateway itself; the log has the exception.</summary>
    InternalError,

    /// <summary>Its user is gone, or may not do any more what it may: it has to come again, if it still can.</summary>
    RightsChanged,

    /// <summary>An operator ended the Session.</summary>
    EndedByOperator,

    /// <summary>A packet was not whole, and nothing more of it came for <see cref="GatewayLimits.PacketStallSecondsMax"/>.</summary>
    PacketStalled,
}
