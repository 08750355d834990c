using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests;

/// <summary>A PUBACK, PUBREC, PUBREL or PUBCOMP that a test client got.</summary>
internal sealed record ReceivedAck(ushort PacketId, ReasonCode Reason)
{
    public static ReceivedAck From(ReceivedPacket packet, PacketType type, ProtocolVersion version) =>
        packet.As(type, (in Frame frame, out ReceivedAck? ack, out MalformedReason reason) =>
        {
            ack = AckPacket.TryDecode(frame, version, out AckView view, out reason) ? new ReceivedAck(view.PacketId, view.Reason) : null;
            return ack is not null;
        });
}
