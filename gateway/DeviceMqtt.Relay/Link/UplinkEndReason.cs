using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Relay.Link;

/// <summary>Why the gateway is not connected to its upstream. Each try and each connection ends with exactly one.</summary>
internal enum UplinkEndReason : byte
{
    /// <summary>Nothing has ended.</summary>
    None = 0,

    /// <summary>The host name cannot be resolved.</summary>
    NameNotFound,

    /// <summary>Nobody listens on the port.</summary>
    Refused,

    /// <summary>There is no way to the host.</summary>
    Unreachable,

    /// <summary>No connection within <see cref="GatewayLimits.RelayConnectSecondsMax"/>.</summary>
    ConnectTimeout,

    /// <summary>The certificate is not trusted, or the other side does not speak TLS.</summary>
    TlsFailed,

    /// <summary>The answer to CONNECT is no CONNACK.</summary>
    NotMqtt,

    /// <summary>The upstream closed the connection instead of sending a CONNACK.</summary>
    NoConnAck,

    /// <summary>No CONNACK within <see cref="GatewayLimits.RelayAnswerSecondsMax"/>.</summary>
    ConnAckTimeout,

    /// <summary>User name or password are wrong, or the gateway may not connect (CONNACK 4 and 5).</summary>
    NotAuthorized,

    /// <summary>The upstream does not speak MQTT 3.1.1 (CONNACK 1).</summary>
    VersionRejected,

    /// <summary>CONNACK with another refusal.</summary>
    ConnectRejected,

    /// <summary>The upstream closed the connection, or the network did.</summary>
    ConnectionLost,

    /// <summary>Nothing came back within <see cref="GatewayLimits.RelayAnswerSecondsMax"/> of a PINGREQ.</summary>
    PingTimeout,

    /// <summary>Messages are in flight and none was acknowledged for <see cref="GatewayLimits.RelayAckSecondsMax"/>.</summary>
    AckTimeout,

    /// <summary>The upstream sent what it may not send.</summary>
    ProtocolError,

    /// <summary>What came found the gateway's journal full. It has room again, and on a new connection the upstream sends it once more.</summary>
    NoRoomHere,

    /// <summary>The gateway stops.</summary>
    Stopping,

    /// <summary>A fault of the gateway itself; the log has the exception.</summary>
    InternalError,

    /// <summary>The upstream has refused many messages in a row and taken none. All are kept, and tried again.</summary>
    AllRefused,

    /// <summary>The upstream refuses messages, and no more may be set aside (<see cref="GatewayLimits.RelayAsideMessagesMax"/>). They are kept, and tried again.</summary>
    AsideFull,
}
