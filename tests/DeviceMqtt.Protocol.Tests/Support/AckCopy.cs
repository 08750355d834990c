using System.Buffers;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>An <see cref="AckView"/> that outlives its frame.</summary>
internal sealed record AckCopy(PacketType Type, ushort PacketId, ReasonCode Reason, byte[] Properties)
{
    public static AckCopy Of(PacketType type, in AckView view) => new(type, view.PacketId, view.Reason, view.Properties.ToArray());

    public void Write(IBufferWriter<byte> writer, ProtocolVersion version) => AckPacket.Write(writer, Type, version, PacketId, Reason, Properties);
}
