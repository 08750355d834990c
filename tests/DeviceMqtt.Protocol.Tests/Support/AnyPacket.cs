using System.Buffers;
using System.Text.Json;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Decodes and encodes a packet of any type, with copies in place of views, so that packets can be kept and compared.</summary>
internal static class AnyPacket
{
    public static object? Decode(in Frame frame, ProtocolVersion version, out MalformedReason reason)
    {
        switch (frame.Type)
        {
            case PacketType.Connect:
                return ConnectPacket.TryDecode(frame, out ConnectPacket? connect, out reason) ? connect : null;
            case PacketType.ConnAck:
                return ConnAckPacket.TryDecode(frame, version, out ConnAckPacket? connAck, out reason) ? connAck : null;
            case PacketType.Publish:
                return PublishPacket.TryDecode(frame, version, out PublishView publish, out reason) ? PublishCopy.Of(publish) : null;
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                return AckPacket.TryDecode(frame, version, out AckView ack, out reason) ? AckCopy.Of(frame.Type, ack) : null;
            case PacketType.Subscribe:
                return SubscribePacket.TryDecode(frame, version, out SubscribePacket? subscribe, out reason) ? subscribe : null;
            case PacketType.SubAck:
                return SubAckPacket.TryDecode(frame, version, out SubAckPacket? subAck, out reason) ? subAck : null;
            case PacketType.Unsubscribe:
                return UnsubscribePacket.TryDecode(frame, version, out UnsubscribePacket? unsubscribe, out reason) ? unsubscribe : null;
            case PacketType.UnsubAck:
                return UnsubAckPacket.TryDecode(frame, version, out UnsubAckPacket? unsubAck, out reason) ? unsubAck : null;
            case PacketType.Disconnect:
                return DisconnectPacket.TryDecode(frame, version, out DisconnectPacket? disconnect, out reason) ? disconnect : null;
            case PacketType.Auth:
                return AuthPacket.TryDecode(frame, version, out AuthPacket? auth, out reason) ? auth : null;
            default:
                return PingPackets.TryDecode(frame, version, out reason) ? frame.Type : null;
        }
    }

    public static void Encode(object packet, ProtocolVersion version, IBufferWriter<byte> writer)
    {
        switch (packet)
        {
            case ConnectPacket connect: connect.Write(writer); break;
            case ConnAckPacket connAck: connAck.Write(writer, version); break;
            case PublishCopy publish: publish.Write(writer, version); break;
            case AckCopy ack: ack.Write(writer, version); break;
            case SubscribePacket subscribe: subscribe.Write(writer, version); break;
            case SubAckPacket subAck: subAck.Write(writer, version); break;
            case UnsubscribePacket unsubscribe: unsubscribe.Write(writer, version); break;
            case UnsubAckPacket unsubAck: unsubAck.Write(writer, version); break;
            case DisconnectPacket disconnect: disconnect.Write(writer, version); break;
            case AuthPacket auth: auth.Write(writer); break;
            case PacketType.PingReq: writer.Write(PingPackets.PingReq); break;
            case PacketType.PingResp: writer.Write(PingPackets.PingResp); break;
            default: throw new ArgumentException($"{packet} is no packet.", nameof(packet));
        }
    }

    /// <summary>Every field as text: two packets are the same when this is.</summary>
    public static string Describe(object packet) => packet.GetType().Name + " " + JsonSerializer.Serialize(packet, packet.GetType());
}
