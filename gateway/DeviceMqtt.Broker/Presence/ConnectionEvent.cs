namespace DeviceMqtt.Broker.Presence;

/// <summary>What happened to a connection, in the words of Alibaba Cloud's MQTT service.</summary>
internal enum ConnectionEvent
{
    Connect,

    /// <summary>The client said DISCONNECT.</summary>
    Disconnect,

    /// <summary>The network connection is gone, for whatever reason: the one that counts for whether the client is there.</summary>
    TcpClean,
}
