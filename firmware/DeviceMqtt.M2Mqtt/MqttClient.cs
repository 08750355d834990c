using System.Buffers;
using System.Collections;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DeviceMqtt.Protocol;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;

namespace nanoFramework.M2Mqtt;

/// <summary>
/// The client of nanoFramework.M2Mqtt 5.1.220 on a PC: the members the firmware uses, MQTT 3.1.1 without TLS, and the package's habits,
/// good and bad. What a board has to put up with there, a virtual board has to put up with here:
/// <list type="bullet">
/// <item>the host name is resolved in the constructor, and never again;</item>
/// <item>Publish only queues, connected or not; a full queue throws, and a full queue loses what arrives;</item>
/// <item>QoS 1 is sent again every second, three times, then given up with MqttMsgPublished(false);</item>
/// <item>what is in flight when the connection ends is lost without an event;</item>
/// <item>handlers run on one dispatch thread, after the acknowledgement; one that throws ends the connection;</item>
/// <item>after a refused Connect it keeps receiving until Close;</item>
/// <item>every PUBLISH is delivered, subscribed or not, of any size.</item>
/// </list>
/// </summary>
public class MqttClient : IMqttClient, IDisposable
{
    private readonly MqttClientTimes _times;
    private readonly InflightQueue _queue;
    private readonly Lock _gate = new();
    private IPEndPoint? _remote;
    private MqttConnection? _connection;
    private ushort _packetId;

    /// <summary>Without TLS, on port 1883.</summary>
    /// <exception cref="SocketException">The host name was not resolved.</exception>
    public MqttClient(string brokerHostName)
        : this(brokerHostName, MqttSettings.BrokerDefaultPort, secure: false, caCert: null, clientCert: null, MqttSslProtocols.None)
    {
    }

    /// <summary>With everything said.</summary>
    /// <exception cref="SocketException">The host name was not resolved.</exception>
    /// <exception cref="NotSupportedException">TLS is asked for, which this stand-in does not have.</exception>
    public MqttClient(string brokerHostName, int brokerPort, bool secure, X509Certificate? caCert, X509Certificate? clientCert, MqttSslProtocols sslProtocol)
        : this(brokerHostName, brokerPort, new MqttClientTimes())
    {
        ThrowIfTls(secure || caCert is not null || clientCert is not null || sslProtocol != MqttSslProtocols.None);
    }

    internal MqttClient(string brokerHostName, int brokerPort, MqttClientTimes times)
    {
        _times = times;
        _queue = new InflightQueue(times);
        Init(brokerHostName, brokerPort, secure: false, caCert: null, clientCert: null, MqttSslProtocols.None);
    }

    /// <inheritdoc/>
    public event IMqttClient.MqttMsgPublishEventHandler? MqttMsgPublishReceived;

    /// <inheritdoc/>
    public event IMqttClient.MqttMsgPublishedEventHandler? MqttMsgPublished;

    /// <inheritdoc/>
    public event IMqttClient.MqttMsgSubscribedEventHandler? MqttMsgSubscribed;

    /// <inheritdoc/>
    public event IMqttClient.MqttMsgUnsubscribedEventHandler? MqttMsgUnsubscribed;

    /// <inheritdoc/>
    public event IMqttClient.ConnectionClosedEventHandler? ConnectionClosed;

    /// <inheritdoc/>
    public bool IsConnected => _connection is { IsConnected: true };

    /// <summary>Client Identifier of the last accepted connection.</summary>
    public string? ClientId { get; private set; }

    /// <summary>Whether the last accepted connection began a new session.</summary>
    public bool CleanSession { get; private set; }

    /// <summary>Settings of all clients of this process.</summary>
    public MqttSettings Settings { get; } = MqttSettings.Instance;

    /// <summary>True while something still receives: after a refused Connect until Close.</summary>
    internal bool IsReceiving => _connection is { IsReceiving: true };

    /// <inheritdoc/>
    public void Init(string brokerHostName, int brokerPort, bool secure, byte[]? caCert, byte[]? clientCert, MqttSslProtocols sslProtocol)
    {
        ThrowIfTls(secure || caCert is not null || clientCert is not null || sslProtocol != MqttSslProtocols.None);
        Settings.Port = brokerPort;
        IPAddress[] addresses = Dns.GetHostAddresses(brokerHostName);
        // The package takes IPv4 where there is one; so do we.
        IPAddress address = Array.Find(addresses, a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        _remote = new IPEndPoint(address, brokerPort);
    }

    /// <inheritdoc/>
    public MqttReasonCode Connect(
        string clientId,
        string? username,
        string? password,
        bool willRetain,
        MqttQoSLevel willQosLevel,
        bool willFlag,
        string? willTopic,
        string? willMessage,
        bool cleanSession,
        ushort keepAlivePeriod)
    {
        if (willFlag && (string.IsNullOrEmpty(willTopic) || willMessage is null))
        {
            throw new MqttClientException(MqttClientErrorCode.WillWrong);
        }

        ConnectPacket packet = new()
        {
            Version = ProtocolVersion.V311,
            ClientId = clientId,
            UserName = username,
            Password = password is null ? null : Encoding.UTF8.GetBytes(password),
            CleanStart = cleanSession,
            KeepAliveSeconds = keepAlivePeriod,
            Will = willFlag
                ? new WillMessage { Topic = willTopic!, Payload = Encoding.UTF8.GetBytes(willMessage!), QoS = (QoS)willQosLevel, Retain = willRetain }
                : null,
        };
        _connection = new MqttConnection(this, _queue, _gate, _times);
        MqttReasonCode code = _connection.Open(_remote!, packet);
        if (code == MqttReasonCode.Success)
        {
            ClientId = clientId;
            CleanSession = cleanSession;
        }

        return code;
    }

    /// <inheritdoc/>
    public void Disconnect()
    {
        if (_connection is null)
        {
            throw new MqttCommunicationException();
        }

        _connection.Disconnect();
    }

    /// <inheritdoc/>
    public ushort Subscribe(string[] topics, MqttQoSLevel[] qosLevels)
    {
        if (topics is null or { Length: 0 })
        {
            throw new MqttClientException(MqttClientErrorCode.TopicsEmpty);
        }

        if (qosLevels is null || qosLevels.Length != topics.Length)
        {
            throw new MqttClientException(MqttClientErrorCode.TopicsQosLevelsNotMatch);
        }

        List<SubscriptionRequest> requests = [];
        for (int i = 0; i < topics.Length; i++)
        {
            requests.Add(new SubscriptionRequest(ParseFilter(topics[i]), (QoS)qosLevels[i], NoLocal: false, RetainAsPublished: false, RetainHandling.SendAtSubscribe));
        }

        return Enqueue(PacketType.Subscribe, QoS.AtLeastOnce, (id, writer) => new SubscribePacket { PacketId = id, Requests = requests }.Write(writer, ProtocolVersion.V311));
    }

    /// <inheritdoc/>
    public ushort Unsubscribe(string[] topics)
    {
        if (topics is null or { Length: 0 })
        {
            throw new MqttClientException(MqttClientErrorCode.TopicsEmpty);
        }

        TopicFilter[] filters = Array.ConvertAll(topics, ParseFilter);
        return Enqueue(PacketType.Unsubscribe, QoS.AtLeastOnce, (id, writer) => new UnsubscribePacket { PacketId = id, Filters = filters }.Write(writer, ProtocolVersion.V311));
    }

    /// <inheritdoc/>
    public ushort Publish(string topic, byte[] message) => Publish(topic, message, contentType: null, userProperties: null, MqttQoSLevel.AtMostOnce, retain: false);

    /// <inheritdoc/>
    public ushort Publish(string topic, byte[] message, string? contentType) => Publish(topic, message, contentType, userProperties: null, MqttQoSLevel.AtMostOnce, retain: false);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A content type or user properties are given, which only 5.0 has.</exception>
    public ushort Publish(string topic, byte[] message, string? contentType, ArrayList? userProperties, MqttQoSLevel qosLevel, bool retain)
    {
        if (contentType is not null || userProperties is not null)
        {
            throw new NotSupportedException("Content type and user properties need MQTT 5.0.");
        }

        if (topic.AsSpan().IndexOfAny('#', '+') >= 0)
        {
            throw new MqttClientException(MqttClientErrorCode.TopicWildcard);
        }

        QoS qos = (QoS)qosLevel;
        byte[] topicUtf8 = Encoding.UTF8.GetBytes(topic);
        return Enqueue(PacketType.Publish, qos, (id, writer) => PublishPacket.Write(writer, ProtocolVersion.V311, topicUtf8, default, message, qos, retain, dup: false, qos == QoS.AtMostOnce ? (ushort)0 : id));
    }

    /// <inheritdoc/>
    public void Close() => _connection?.Close();

    /// <summary>Same as Close.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Same as Close.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close();
        }
    }

    internal void RaiseReceived(InflightMessage message) => MqttMsgPublishReceived?.Invoke(
        this, new MqttMsgPublishEventArgs(message.Topic, message.Payload, message.Dup, (MqttQoSLevel)message.QoS, message.Retain));

    internal void RaisePublished(ushort packetId, bool isPublished) => MqttMsgPublished?.Invoke(this, new MqttMsgPublishedEventArgs(packetId, isPublished));

    internal void RaiseSubscribed(ushort packetId, MqttQoSLevel[] granted) => MqttMsgSubscribed?.Invoke(this, new MqttMsgSubscribedEventArgs(packetId, granted));

    internal void RaiseUnsubscribed(ushort packetId) => MqttMsgUnsubscribed?.Invoke(this, new MqttMsgUnsubscribedEventArgs(packetId));

    internal void RaiseConnectionClosed() => ConnectionClosed?.Invoke(this, EventArgs.Empty);

    private static void ThrowIfTls(bool isAsked)
    {
        if (isAsked)
        {
            throw new NotSupportedException("The PC client has no TLS.");
        }
    }

    private static TopicFilter ParseFilter(string text) => TopicFilter.TryParse(text, out TopicFilter filter, out _)
        ? filter
        : throw new MqttClientException(MqttClientErrorCode.TopicLength);

    private ushort Enqueue(PacketType type, QoS qos, Action<ushort, IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> writer = new();
        ushort packetId;
        lock (_gate)
        {
            // [MQTT-2.3.1-1] 0 is no packet identifier.
            _packetId = _packetId == ushort.MaxValue ? (ushort)1 : (ushort)(_packetId + 1);
            packetId = _packetId;
            write(packetId, writer);
            InflightMessage message = new() { Type = type, PacketId = packetId, QoS = qos, Packet = writer.WrittenSpan.ToArray() };
            if (!_queue.TryAdd(message))
            {
                throw new MqttClientException(MqttClientErrorCode.InflightQueueFull);
            }
        }

        _connection?.Wake();
        return packetId;
    }
}
