using System.Collections;
using nanoFramework.M2Mqtt.Messages;

namespace nanoFramework.M2Mqtt;

/// <summary>The client interface of nanoFramework.M2Mqtt 5.1.220, member by member.</summary>
public interface IMqttClient
{
    /// <summary>Runs on the client's dispatch thread; one that throws ends the connection.</summary>
    delegate void MqttMsgPublishEventHandler(object sender, MqttMsgPublishEventArgs e);

    /// <inheritdoc cref="MqttMsgPublishEventHandler"/>
    delegate void MqttMsgPublishedEventHandler(object sender, MqttMsgPublishedEventArgs e);

    /// <inheritdoc cref="MqttMsgPublishEventHandler"/>
    delegate void MqttMsgSubscribedEventHandler(object sender, MqttMsgSubscribedEventArgs e);

    /// <inheritdoc cref="MqttMsgPublishEventHandler"/>
    delegate void MqttMsgUnsubscribedEventHandler(object sender, MqttMsgUnsubscribedEventArgs e);

    /// <inheritdoc cref="MqttMsgPublishEventHandler"/>
    delegate void ConnectionClosedEventHandler(object sender, EventArgs e);

    /// <summary>A PUBLISH arrived, subscribed to or not. A QoS 1 message has been acknowledged by then.</summary>
    event MqttMsgPublishEventHandler? MqttMsgPublishReceived;

    /// <summary>A QoS 1 or 2 message was acknowledged, or was given up (IsPublished false). Silent when the link drops.</summary>
    event MqttMsgPublishedEventHandler? MqttMsgPublished;

    /// <summary>A SUBACK arrived.</summary>
    event MqttMsgSubscribedEventHandler? MqttMsgSubscribed;

    /// <summary>An UNSUBACK arrived.</summary>
    event MqttMsgUnsubscribedEventHandler? MqttMsgUnsubscribed;

    /// <summary>The connection ended, by the peer or by Disconnect.</summary>
    event ConnectionClosedEventHandler? ConnectionClosed;

    /// <summary>True from an accepted CONNACK until the client has noticed the end of the connection.</summary>
    bool IsConnected { get; }

    /// <summary>Sets where to connect to. Resolves the host name.</summary>
    void Init(string brokerHostName, int brokerPort, bool secure, byte[]? caCert, byte[]? clientCert, MqttSslProtocols sslProtocol);

    /// <summary>Connects and waits for CONNACK.</summary>
    /// <exception cref="Exceptions.MqttConnectionException">The network refused.</exception>
    /// <exception cref="Exceptions.MqttCommunicationException">No CONNACK came, or the connection ended before it.</exception>
    MqttReasonCode Connect(string clientId, string? username, string? password, bool willRetain, MqttQoSLevel willQosLevel, bool willFlag, string? willTopic, string? willMessage, bool cleanSession, ushort keepAlivePeriod);

    /// <summary>Sends DISCONNECT, ahead of everything that still waits to be sent.</summary>
    /// <exception cref="Exceptions.MqttCommunicationException">The link is dead.</exception>
    void Disconnect();

    /// <summary>Queues a SUBSCRIBE; returns its packet identifier.</summary>
    ushort Subscribe(string[] topics, MqttQoSLevel[] qosLevels);

    /// <summary>Queues an UNSUBSCRIBE; returns its packet identifier.</summary>
    ushort Unsubscribe(string[] topics);

    /// <summary>Queues a PUBLISH, connected or not; returns its packet identifier.</summary>
    /// <exception cref="Exceptions.MqttClientException">The queue is full.</exception>
    ushort Publish(string topic, byte[] message, string? contentType, ArrayList? userProperties, MqttQoSLevel qosLevel, bool retain);

    /// <summary>Queues a PUBLISH at QoS 0.</summary>
    ushort Publish(string topic, byte[] message, string? contentType);

    /// <summary>Queues a PUBLISH at QoS 0.</summary>
    ushort Publish(string topic, byte[] message);

    /// <summary>Ends everything without DISCONNECT; what was queued is gone.</summary>
    void Close();
}
