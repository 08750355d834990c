using System.Buffers;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Reads and writes packets as a connection would, with the input laid out as <see cref="Cut.Current"/> says.</summary>
internal static class Wire
{
    public const int PacketBytesMax = VariableByteInteger.Max + 5;

    /// <summary>The one packet that <paramref name="notation"/> is.</summary>
    public static Frame Read(string notation) => Read(Bytes.Of(notation));

    public static Frame Read(byte[] bytes)
    {
        ReadOnlySequence<byte> buffer = Cut.Current.Lay(bytes);
        var reader = new FrameReader(buffer, PacketBytesMax, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out Frame frame), reader.Reason.ToText());
        Assert.AreEqual(bytes.Length, Wire.LengthTo(buffer, reader.Consumed), "The bytes are more than one packet.");
        Assert.IsTrue(frame.Packet.SequenceEqual(bytes));
        return frame;
    }

    /// <summary>How many bytes of <paramref name="buffer"/> stand before <paramref name="position"/>.</summary>
    public static long LengthTo(in ReadOnlySequence<byte> buffer, SequencePosition position) => buffer.GetOffset(position) - buffer.GetOffset(buffer.Start);

    /// <summary>Decodes into a copy that can be compared, whatever the type; null with the reason when it is malformed.</summary>
    public static object? Decode(string notation, ProtocolVersion version, out MalformedReason reason) =>
        AnyPacket.Decode(Read(notation), version, out reason);

    /// <summary>What <paramref name="write"/> writes, in hexadecimal.</summary>
    public static string Write(Action<IBufferWriter<byte>> write) => Bytes.Hex(WriteBytes(write));

    public static byte[] WriteBytes(Action<IBufferWriter<byte>> write)
    {
        var writer = new ArrayBufferWriter<byte>();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Asserts that <paramref name="write"/> writes exactly <paramref name="notation"/>.</summary>
    public static void Writes(string notation, Action<IBufferWriter<byte>> write) => Assert.AreEqual(Bytes.Hex(Bytes.Of(notation)), Write(write));

    /// <summary>Asserts that the packet is refused with <paramref name="expected"/>.</summary>
    public static void Refuses(string notation, ProtocolVersion version, MalformedReason expected)
    {
        object? packet = Decode(notation, version, out MalformedReason reason);
        Assert.AreEqual(expected, reason);
        Assert.IsNull(packet);
    }
}
