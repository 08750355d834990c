using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>The lower four bits of the first byte, for every packet of a client and every value: table 2-2 of both specifications.</summary>
[TestClass]
internal sealed class FlagTests
{
    // PUBLISH has flags that mean something; CONNECT is not answered with DISCONNECT.
    private static readonly (PacketType Type, int Flags, string Body)[] Packets =
    [
        (PacketType.PubAck, 0, "0001"),
        (PacketType.PubRec, 0, "0001"),
        (PacketType.PubRel, 2, "0001"),
        (PacketType.PubComp, 0, "0001"),
        (PacketType.Subscribe, 2, "0001 P <t> 00"),
        (PacketType.Unsubscribe, 2, "0001 P <t>"),
        (PacketType.PingReq, 0, ""),
        (PacketType.Disconnect, 0, ""),
        (PacketType.Auth, 0, "00 04 15 <m>"),
    ];

    public static IEnumerable<object[]> Rows() =>
        from packet in Packets
        from flags in Enumerable.Range(0, 16)
        where flags != packet.Flags
        select new object[] { packet.Type, flags, packet.Body };

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public async Task Flags_OtherThanTheOnesListed_MalformedPacket(PacketType type, int flags, string body)
    {
        await using TestBroker gateway = TestBroker.Start();
        byte first = (byte)(((int)type << 4) | flags);
        TestClient modern = await gateway.ConnectAsync("modern", ProtocolVersion.V5);
        await modern.SendAsync(Packet.Of($"{first:X2}:{body.Replace("P", "00", StringComparison.Ordinal)}"));
        await modern.ExpectCloseAsync(CloseReason.MalformedPacket, ReasonCode.MalformedPacket);
        if (type == PacketType.Auth)
            return; // Before 5.0 there is no such packet, whatever its flags.
        TestClient old = await gateway.ConnectAsync("old");
        await old.SendAsync(Packet.Of($"{first:X2}:{body.Replace("P", "", StringComparison.Ordinal)}"));
        await old.ExpectCloseAsync(CloseReason.MalformedPacket);
    }
}
