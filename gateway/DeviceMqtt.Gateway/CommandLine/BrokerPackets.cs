using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Reads what a broker sends to a command that only looks: 3.1.1, and messages as text.</summary>
internal static class BrokerPackets
{
    private const int PacketBytesMax = 1024 * 1024;

    /// <summary>Whether a packet is what the command waits for.</summary>
    /// <param name="frame">Any packet.</param>
    internal delegate bool IsAwaited(in Frame frame);

    /// <summary>Takes all packets that are whole.</summary>
    /// <param name="buffer">What has come.</param>
    /// <param name="who">Answers, for what is said when it refuses.</param>
    /// <param name="received">Gets each message: its topic and its text.</param>
    /// <param name="isAwaited">Asked of each packet.</param>
    /// <param name="consumed">How far they were taken.</param>
    /// <returns>True when one of them is what the command waits for.</returns>
    /// <exception cref="UplinkException">The broker refuses, or is none; says why.</exception>
    public static bool Take(in ReadOnlySequence<byte> buffer, string who, Action<string, string> received, IsAwaited isAwaited, out SequencePosition consumed)
    {
        FrameReader reader = new(buffer, PacketBytesMax, new StraddleBuffer());
        bool isThere = false;
        DecodeStatus status;
        while ((status = reader.TryRead(out Frame frame)) == DecodeStatus.Packet)
        {
            if (frame.Type == PacketType.ConnAck && ConnAckPacket.TryDecode(frame, ProtocolVersion.V311, out ConnAckPacket? connAck, out _) && connAck.Code != 0)
                throw new UplinkException(UplinkEndReason.NotAuthorized, $"{who} refuses (CONNACK {connAck.Code}): user name and password go into the address");
            if (frame.Type == PacketType.Publish && PublishPacket.TryDecode(frame, ProtocolVersion.V311, out PublishView view, out _))
                received(Encoding.UTF8.GetString(view.TopicName), Encoding.UTF8.GetString(view.Payload));
            isThere |= isAwaited(frame);
        }

        consumed = reader.Consumed;
        return status == DecodeStatus.Malformed ? throw new UplinkException(UplinkEndReason.NotMqtt, "what answers there does not speak MQTT") : isThere;
    }
}
