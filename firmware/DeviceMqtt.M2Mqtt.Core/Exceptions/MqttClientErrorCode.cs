namespace nanoFramework.M2Mqtt.Exceptions;

/// <summary>Why the client refused.</summary>
public enum MqttClientErrorCode
{
    /// <summary>Will flag, topic or message do not go together.</summary>
    WillWrong,

    /// <summary>Keep alive out of range.</summary>
    KeepAliveWrong,

    /// <summary>A topic name with a wildcard.</summary>
    TopicWildcard,

    /// <summary>A topic too long or empty.</summary>
    TopicLength,

    /// <summary>No such QoS.</summary>
    QosNotAllowed,

    /// <summary>No topic filter.</summary>
    TopicsEmpty,

    /// <summary>No QoS.</summary>
    QosLevelsEmpty,

    /// <summary>Not as many QoS as topic filters.</summary>
    TopicsQosLevelsNotMatch,

    /// <summary>The broker sent a packet only clients send.</summary>
    WrongBrokerMessage,

    /// <summary>Unknown packet identifier.</summary>
    WrongMessageId,

    /// <summary>The in-flight queue is full; the message was not taken.</summary>
    InflightQueueFull,

    /// <summary>Reserved flags are set.</summary>
    InvalidFlagBits,

    /// <summary>Wrong flags in CONNECT.</summary>
    InvalidConnectFlags,

    /// <summary>Client Identifier refused.</summary>
    InvalidClientId,

    /// <summary>Unknown protocol name.</summary>
    InvalidProtocolName,
}
