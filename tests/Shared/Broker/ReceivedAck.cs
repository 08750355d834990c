using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>A PUBACK, PUBREC, PUBREL or PUBCOMP that a test client got.</summary>
internal sealed record ReceivedAck(ushort PacketId, ReasonCode Reason, string? ReasonString)
{
    public static ReceivedAck From(ReceivedPacket packet, PacketType type, ProtocolVersion version) =>
        packet.As(type, (in Frame frame, out ReceivedAck? ack, out MalformedReason reason) =>
        {
            ack = AckPacket.TryDecode(frame, version, out AckView view, out reason) ? new ReceivedAck(view.PacketId, view.Reason, Text(view.Properties)) : null;
            return ack is not null;
        });

    private static string? Text(ReadOnlySpan<byte> properties)
    {
        PropertyReader reader = new(properties);
        while (reader.TryRead(out PropertyId id, out _, out ReadOnlySpan<byte> bytes, out _))
            if (id == PropertyId.ReasonString)
                return Encoding.UTF8.GetString(bytes);
        return null;
    }
}
