using System.Buffers;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>SUBSCRIBE (5.0, 3.8).</summary>
[TestClass]
public sealed class SubscribeTests
{
    [DecodeTest]
    [DataRow(V31)]
    [DataRow(V311)]
    public void SUBSCRIBE_Received_ManyFilters_DecodedInOrder(ProtocolVersion version)
    {
        SubscribePacket packet = Decode("82 : 00 0A <a/b> 01 <c/+/#> 02 <#> 00", version);
        Assert.AreEqual(10, packet.PacketId);
        Assert.HasCount(3, packet.Requests);
        Assert.AreEqual(new SubscriptionRequest(Filter("a/b"), QoS.AtLeastOnce), packet.Requests[0]);
        Assert.AreEqual(new SubscriptionRequest(Filter("c/+/#"), QoS.ExactlyOnce), packet.Requests[1]);
        Assert.AreEqual(new SubscriptionRequest(Filter("#"), QoS.AtMostOnce), packet.Requests[2]);
        Assert.AreEqual(0u, packet.SubscriptionIdentifier);
    }

    [DecodeTest]
    public void SUBSCRIBE_Received_V31_SentAgainWithDup_IsAllowed() => Assert.AreEqual(1, Decode("8A : 00 01 <a> 00", V31).PacketId);

    [DecodeTest]
    public void SUBSCRIBE_Received_V5_OptionsAndProperties_Decoded()
    {
        SubscribePacket packet = Decode("82 : 00 01 0C 0B FF FF FF 7F 26 <k> <v> <a> 2D <$share/g/b> 1A", V5);
        Assert.AreEqual(268_435_455u, packet.SubscriptionIdentifier);
        Assert.AreEqual(new UserProperty("k", "v"), packet.UserProperties.Single());
        Assert.AreEqual(
            new SubscriptionRequest(Filter("a"), QoS.AtLeastOnce, NoLocal: true, RetainAsPublished: true, RetainHandling.DoNotSend), packet.Requests[0]);
        Assert.AreEqual(
            new SubscriptionRequest(Filter("$share/g/b"), QoS.ExactlyOnce, NoLocal: false, RetainAsPublished: true, RetainHandling.SendIfNewSubscription),
            packet.Requests[1]);
    }

    [TestMethod]
    public void SUBSCRIBE_Sent_ExactBytes()
    {
        var packet = new SubscribePacket
        {
            PacketId = 1,
            SubscriptionIdentifier = 200,
            Requests = [new SubscriptionRequest(Filter("a/+"), QoS.AtLeastOnce, true, true, RetainHandling.SendIfNewSubscription), new SubscriptionRequest(Filter("b"), QoS.ExactlyOnce)],
        };
        Wire.Writes("82 : 00 01 03 0B C8 01 <a/+> 1D <b> 02", writer => packet.Write(writer, V5));
        Wire.Writes("82 : 00 01 <a/+> 01 <b> 02", writer => packet.Write(writer, V311));
        Wire.Writes("82 : 00 01 <a/+> 01 <b> 02", writer => packet.Write(writer, V31));
    }

    [TestMethod]
    public void SUBSCRIBE_Sent_WithoutFilterOrPacketId_IsOurBug()
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.ThrowsExactly<InvalidOperationException>(() => new SubscribePacket { PacketId = 1 }.Write(writer, V311));
        Assert.ThrowsExactly<ArgumentException>(() => new SubscribePacket { Requests = [new SubscriptionRequest(Filter("a"), QoS.AtMostOnce)] }.Write(writer, V311));
        Assert.AreEqual(0, writer.WrittenCount);
    }

    private static TopicFilter Filter(string text) =>
        TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason) ? filter : throw new ArgumentException(reason.ToText(), nameof(text));

    private static SubscribePacket Decode(string notation, ProtocolVersion version)
    {
        bool decoded = SubscribePacket.TryDecode(Wire.Read(notation), version, out SubscribePacket? packet, out MalformedReason reason);
        Assert.IsTrue(decoded, reason.ToText());
        return packet!;
    }
}
