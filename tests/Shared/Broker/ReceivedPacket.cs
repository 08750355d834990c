using System.Buffers;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>A packet that a test client got, with its bytes.</summary>
internal sealed class ReceivedPacket(byte[] bytes)
{
    public delegate bool Decode<T>(in Frame frame, out T? packet, out MalformedReason reason) where T : class;

    public byte[] Bytes { get; } = bytes;

    public PacketType Type => (PacketType)(Bytes[0] >> 4);

    /// <summary>Reads it as what it must be.</summary>
    public T As<T>(PacketType type, Decode<T> decode) where T : class
    {
        Assert.AreEqual(type, Type, ToString());
        FrameReader reader = new(new ReadOnlySequence<byte>(Bytes), int.MaxValue, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out Frame frame));
        Assert.IsTrue(decode(frame, out T? packet, out MalformedReason reason), $"the gateway sent a malformed packet, {reason}: {this}");
        return packet!;
    }

    public override string ToString() => $"{Type} {Convert.ToHexString(Bytes)}";
}
