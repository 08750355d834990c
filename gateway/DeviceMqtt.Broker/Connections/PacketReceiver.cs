using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>What each packet of a client means: one arm per packet type, one receiver per kind. Runs inside a turn.</summary>
internal sealed class PacketReceiver(BrokerState broker, ConnectReceiver connect)
{
    private readonly PublishReceiver _publish = new(broker);
    private readonly SubscribeReceiver _subscribe = new(broker);
    private readonly AckReceiver _ack = new(broker);
    private readonly DisconnectReceiver _disconnect = new(broker.Limits);

    // Its client has acknowledged something in this read.
    private Session? _acknowledged;

    public ConnectReceiver Connect => connect;

    /// <summary>Goes on with a CONNECT that was held.</summary>
    public void GoOn(MqttConnection connection)
    {
        broker.Turn.Gate.BeginPacket();
        connect.GoOn(connection);
    }

    public void Receive(MqttConnection connection, in Frame frame)
    {
        broker.Turn.Gate.BeginPacket();
        if (connection.Session is not { } session)
        {
            // [MQTT-3.1.0-1]: the first packet is CONNECT.
            if (frame.Type == PacketType.Connect)
                connect.Receive(connection, frame);
            else
                connection.Close(CloseReason.ProtocolError, $"the first packet is {frame.Type}, not CONNECT");
            return;
        }

        if (frame.Type is PacketType.PubAck or PacketType.PubRec or PacketType.PubComp)
        {
            if (AckReceiver.ReceiveAck(connection, session, frame))
                _acknowledged = session;
            return;
        }

        SendNext();
        switch (frame.Type)
        {
            case PacketType.Publish: _publish.Receive(connection, session, frame); break;
            case PacketType.PubRel: _ack.ReceivePubRel(connection, session, frame); break;
            case PacketType.Subscribe: _subscribe.ReceiveSubscribe(connection, session, frame); break;
            case PacketType.Unsubscribe: _subscribe.ReceiveUnsubscribe(connection, session, frame); break;
            case PacketType.PingReq: ReceivePingReq(connection, frame); break;
            case PacketType.Disconnect: _disconnect.Receive(connection, session, frame); break;
            case PacketType.Connect: // [MQTT-3.1.0-2]
                connection.Close(CloseReason.ProtocolError, "a second CONNECT", ReasonCode.ProtocolError);
                break;
            case PacketType.Auth when connection.Version == ProtocolVersion.V5 && !AuthPacket.TryDecode(frame, connection.Version, out _, out MalformedReason wrong):
                connection.CloseMalformed(frame.Type, wrong); // [MQTT-3.15.1-1]
                break;
            default: // AUTH too: CONNECT with an Authentication Method is refused, so no authentication is ever on (5.0, section 4.12)
                connection.Close(CloseReason.ProtocolError, $"{frame.Type} is not for clients to send", ReasonCode.ProtocolError);
                break;
        }
    }

    /// <summary>A read is looked at from here on. What a connection that ended in its own read had acknowledged is not for anybody else's.</summary>
    public void BeginRead() => _acknowledged = null;

    /// <summary>
    /// Sends what waits for the client that has just acknowledged something: once for all acknowledgements of one read, because each time costs as much as a
    /// message. Called before any other packet of that read, and at its end.
    /// </summary>
    public void SendNext()
    {
        if (_acknowledged is not { } session)
            return;
        _acknowledged = null;
        session.SendNext(broker.Turn.NowMs);
    }

    private static void ReceivePingReq(MqttConnection connection, in Frame frame)
    {
        if (PingPackets.TryDecode(frame, connection.Version, out MalformedReason reason))
            connection.Output.Write(PingPackets.PingResp);
        else
            connection.CloseMalformed(frame.Type, reason);
    }
}
