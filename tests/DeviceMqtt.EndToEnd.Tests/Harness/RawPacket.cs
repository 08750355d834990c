using System.Buffers.Binary;
using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>A control packet as it came: first byte and body, nothing interpreted until asked.</summary>
internal sealed record RawPacket(byte FirstByte, byte[] Body)
{
    public RawType Type => (RawType)(FirstByte >> 4);

    public bool Dup => (FirstByte & 0x08) != 0;

    public int QoS => (FirstByte >> 1) & 0x03;

    public bool Retain => (FirstByte & 0x01) != 0;

    public string Topic => Encoding.UTF8.GetString(Body, 2, TopicBytes);

    public ReadOnlySpan<byte> Payload => Body.AsSpan(2 + TopicBytes + (QoS > 0 ? 2 : 0));

    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>Of a PUBLISH above QoS 0 it stands behind the topic, of every other packet at the start.</summary>
    public ushort PacketId => BinaryPrimitives.ReadUInt16BigEndian(Body.AsSpan(Type == RawType.Publish ? 2 + TopicBytes : 0));

    public string Hex => Convert.ToHexString(Body);

    private int TopicBytes => BinaryPrimitives.ReadUInt16BigEndian(Body);

    public override string ToString() => Type == RawType.Publish
        ? $"PUBLISH {Topic} QoS {QoS}{(Dup ? " DUP" : "")}{(Retain ? " RETAIN" : "")}"
        : $"{Type} {FirstByte:X2} {Hex}";
}
