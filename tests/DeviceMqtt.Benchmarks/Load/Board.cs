namespace DeviceMqtt.Benchmarks.Load;

/// <summary>A device that reports at QoS 1, one message after the other, and sends again what was not acknowledged when its connection ended.</summary>
internal sealed class Board
{
    public const ushort KeepAliveSeconds = 10;

    private readonly LoadLoop _loop;
    private readonly int _port;
    private readonly int _protocolLevel;
    private readonly string _topic;
    private readonly byte[] _connect;
    private readonly Queue<(int PacketId, byte[] Packet)> _unacknowledged = new();
    private BoardConnection _connection;
    private int _lastPacketId;

    public Board(LoadLoop loop, int port, int protocolLevel, string clientId)
    {
        _loop = loop;
        _port = port;
        _protocolLevel = protocolLevel;
        _topic = $"bench/boards/{clientId}";
        _connect = MqttBytes.Connect(protocolLevel, clientId, KeepAliveSeconds, new ConnectFields { Clean = false, WillTopic = $"presence/{clientId}" });
        _connection = BoardConnection.Begin(loop, port, this, _connect);
    }

    public bool IsOnline => _connection.IsOnline;

    public int Unacknowledged => _unacknowledged.Count;

    public long Published { get; private set; }

    public long Reconnected { get; private set; }

    /// <summary>A reading that was due at <paramref name="dueTimestamp"/>; without a connection it goes when there is one.</summary>
    public void Publish(long dueTimestamp)
    {
        _lastPacketId = (_lastPacketId % ushort.MaxValue) + 1;
        byte[] packet = MqttBytes.PublishPacket(_protocolLevel, _topic, qos: 1, _lastPacketId, PublishRing.PayloadBytes);
        BitConverter.TryWriteBytes(packet.AsSpan(packet.Length - PublishRing.PayloadBytes), dueTimestamp);
        _unacknowledged.Enqueue((_lastPacketId, packet));
        Published++;
        if (IsOnline)
            _connection.Write(packet);
    }

    public void Ping()
    {
        if (IsOnline)
            _connection.Write(MqttBytes.PingReq);
    }

    /// <summary>Its Wi-Fi is gone and back: no DISCONNECT, so the broker has a Will to publish.</summary>
    public void Reconnect()
    {
        _connection.Leave();
        _connection.Dispose();
        Reconnected++;
        _connection = BoardConnection.Begin(_loop, _port, this, _connect);
    }

    public void CameOnline()
    {
        const byte Dup = 0x08;
        foreach ((_, byte[] packet) in _unacknowledged)
        {
            packet[0] |= Reconnected > 0 ? Dup : (byte)0;
            _connection.Write(packet);
        }
    }

    public void Acknowledged(int packetId)
    {
        // In the order of the messages [MQTT-4.6.0-2]; one for a packet of the connection before would be none of ours.
        if (_unacknowledged.TryPeek(out (int PacketId, byte[] Packet) first) && first.PacketId == packetId)
            _unacknowledged.Dequeue();
    }
}
