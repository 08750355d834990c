using System.Buffers;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>The packets of the hot path cost no allocation, in either direction and in every version.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ZeroAllocationTests
{
    private static readonly StraddleBuffer Scratch = new();

    [TestMethod]
    [DataRow("30 : <dm/dev1/tele/air> '{\"n\":1042}'", ProtocolVersion.V311)]
    [DataRow("32 : <dm/dev1/tele/\u00e9> 00 01 '{\"n\":1042}'", ProtocolVersion.V31)]
    [DataRow("32 : <dm/dev1/tele/air> 00 01 17 01 01 23 00 02 02 00 00 00 3C 26 <k> <v> 0B 05 09 <c> 'x'", ProtocolVersion.V5)]
    [DataRow("40 02 00 01", ProtocolVersion.V311)]
    [DataRow("40 : 00 01 10 04 1F <x>", ProtocolVersion.V5)]
    [DataRow("50 02 00 01", ProtocolVersion.V311)]
    [DataRow("62 02 00 01", ProtocolVersion.V311)]
    [DataRow("70 02 00 01", ProtocolVersion.V311)]
    [DataRow("C0 00", ProtocolVersion.V311)]
    [DataRow("D0 00", ProtocolVersion.V5)]
    public void Packet_Received_NothingAllocated(string packet, ProtocolVersion version)
    {
        byte[] bytes = Bytes.Of(packet);
        foreach (Cut cut in new Cut[] { new Cut.RightSized(), new Cut.At(3) })
        {
            ReadOnlySequence<byte> buffer = cut.Lay(bytes);
            Assert.IsTrue(Decode(buffer, version));
            AssertNothingAllocated(() => Decode(buffer, version));
        }
    }

    [TestMethod]
    [DataRow("30 : <a/#>", ProtocolVersion.V311)]
    [DataRow("30 : 00 02 C0 80", ProtocolVersion.V311)]
    [DataRow("40 02 00 00", ProtocolVersion.V311)]
    [DataRow("30 : <t> 02 01 02", ProtocolVersion.V5)]
    public void Packet_Malformed_NothingAllocated(string packet, ProtocolVersion version)
    {
        var buffer = new ReadOnlySequence<byte>(Bytes.Of(packet));
        Assert.IsFalse(Decode(buffer, version));
        AssertNothingAllocated(() => Decode(buffer, version));
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V31)]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public void Packet_Sent_NothingAllocated(ProtocolVersion version)
    {
        byte[] destination = new byte[256];
        var writer = new ArrayBufferWriter<byte>(64 * 1024);
        AssertNothingAllocated(() =>
            PublishPacket.Encode(destination, version, "dm/dev1/tele/air"u8, [1, 1], "{\"n\":1042}"u8, QoS.AtLeastOnce, false, false, 7));
        AssertNothingAllocated(() =>
            PublishPacket.Write(writer, version, "dm/dev1/tele/air"u8, [1, 1], "{\"n\":1042}"u8, QoS.AtLeastOnce, false, false, 7));
        foreach (PacketType type in new[] { PacketType.PubAck, PacketType.PubRec, PacketType.PubRel, PacketType.PubComp })
        {
            AssertNothingAllocated(() => AckPacket.Encode(destination, type, version, 7));
            AssertNothingAllocated(() => AckPacket.Write(writer, type, version, 7));
        }

        AssertNothingAllocated(() => PingPackets.PingResp.CopyTo(destination));
    }

    /// <summary>Not hot, but a broker that takes 5,000 connections at once sends as many.</summary>
    [TestMethod]
    public void ConnAckAndSubAck_Sent_NothingAllocatedOnceTheBuilderIsThere()
    {
        var writer = new ArrayBufferWriter<byte>(64 * 1024);
        var connAck = new ConnAckPacket { SessionPresent = true, Properties = new ConnAckProperties { ReceiveMaximum = 20 } };
        var subAck = new SubAckPacket { PacketId = 1, ReasonCodes = [ReasonCode.GrantedQoS1] };
        AssertNothingAllocated(() => connAck.Write(writer, ProtocolVersion.V5));
        AssertNothingAllocated(() => connAck.Write(writer, ProtocolVersion.V311));
        AssertNothingAllocated(() => subAck.Write(writer, ProtocolVersion.V311));
    }

    private static bool Decode(in ReadOnlySequence<byte> buffer, ProtocolVersion version)
    {
        var reader = new FrameReader(buffer, 1024, Scratch);
        if (reader.TryRead(out Frame frame) != DecodeStatus.Packet)
            return false;
        return frame.Type switch
        {
            PacketType.Publish => PublishPacket.TryDecode(frame, version, out _, out _),
            PacketType.PingReq or PacketType.PingResp => PingPackets.TryDecode(frame, version, out _),
            _ => AckPacket.TryDecode(frame, version, out _, out _),
        };
    }

    private static void AssertNothingAllocated(Action action)
    {
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int time = 0; time < 10; time++)
            action();
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
