using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>
/// Nothing is allocated per message on the way through: 1,000 messages may cost a few objects in all, not one each.
/// What is measured is the whole process, so these tests run alone.
/// </summary>
[TestClass]
[DoNotParallelize]
internal sealed class AllocationTests
{
    private const int Messages = 1000;
    private const long BytesMax = 20_000; // an object per message would be 24,000 at the least

    [TestMethod]
    [DataRow(ProtocolVersion.V311, QoS.AtMostOnce)]
    [DataRow(ProtocolVersion.V311, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V5, QoS.AtMostOnce)]
    [DataRow(ProtocolVersion.V5, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V311, QoS.ExactlyOnce)]
    public async Task PUBLISH_Delivered_NothingAllocatedPerMessage(ProtocolVersion version, QoS qos)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", version);
        await subscriber.SubscribeAsync("dm/+/tele/#", qos);
        TestClient publisher = await gateway.ConnectAsync("publisher", version);
        byte[] packet = new byte[100];
        byte[] properties = version == ProtocolVersion.V5 ? [(byte)PropertyId.PayloadFormatIndicator, 1] : [];
        int length = PublishPacket.Encode(packet, version, "dm/board-1/tele/env"u8, properties, "{\"temp\":21.5}"u8, qos, retain: false, dup: false, packetId: 7);

        long least = long.MaxValue;
        Pass(); // makes what is made once
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Pass();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.IsLessThan(BytesMax, least, $"{least} bytes for {Messages} messages");
        Assert.AreEqual(4 * Messages, gateway.Counters.MessagesSent);

        // Everything in this thread and without waiting: each step is handled before the next begins.
        void Pass()
        {
            for (int i = 0; i < Messages; i++)
            {
                Send(publisher, packet.AsSpan(0, length));
                PumpUntilQuiet();
            }
        }

        void PumpUntilQuiet()
        {
            bool any = true;
            SpinWait spin = default;
            int acks = 0;
            // QoS 0 has one packet to wait for, the PUBLISH; QoS 1 also the PUBACK; QoS 2 also PUBREC, PUBREL and PUBCOMP.
            int expected = qos switch { QoS.AtMostOnce => 1, QoS.AtLeastOnce => 2, _ => 4 };
            while (acks < expected || any)
            {
                any = false;
                while (TryReceive(subscriber, out byte type, out ushort packetId))
                {
                    any = true;
                    acks++;
                    Answer(subscriber, type, packetId);
                }

                while (TryReceive(publisher, out byte type, out ushort packetId))
                {
                    any = true;
                    acks++;
                    Answer(publisher, type, packetId);
                }

                if (!any && acks < expected)
                    spin.SpinOnce(); // the gateway goes on in another thread after some turns in a row
            }
        }
    }

    /// <summary>Each subscriber has an alias of its own for the topic: what the publisher sent is not copied for each of them before it is written.</summary>
    [TestMethod]
    public async Task PUBLISH_LargePropertiesToSubscribersWithAliases_NotPutTogetherForEach()
    {
        const int Subscribers = 20;
        const int PropertyBytes = 60_000;
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> subscribers = [];
        for (int i = 0; i < Subscribers; i++)
        {
            subscribers.Add(await gateway.ConnectAsync($"s{i}", ProtocolVersion.V5, properties: new ConnectProperties { TopicAliasMaximum = 1 }));
            await subscribers[i].SubscribeAsync("t", QoS.AtMostOnce);
        }

        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        PropertyWriter properties = new();
        properties.Add(new UserProperty("n", new string('v', PropertyBytes)));
        byte[] packet = new byte[PropertyBytes + 100];
        int length = PublishPacket.Encode(packet, ProtocolVersion.V5, "t"u8, properties.Written, "x"u8, QoS.AtMostOnce, retain: false, dup: false, packetId: 0);
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Send(publisher, packet.AsSpan(0, length));
            foreach (TestClient subscriber in subscribers)
            {
                ReadResult result = await subscriber.Transport.FromGateway.ReadAsync();
                Assert.IsGreaterThan(PropertyBytes, result.Buffer.Length);
                subscriber.Transport.FromGateway.AdvanceTo(result.Buffer.End);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.IsLessThan(Subscribers * PropertyBytes / 2, least, $"{least} bytes for {Subscribers} subscribers");
    }

    private static void Send(TestClient client, ReadOnlySpan<byte> bytes)
    {
        client.Transport.ToGateway.Write(bytes);
        ValueTask<FlushResult> flush = client.Transport.ToGateway.FlushAsync();
        Assert.IsTrue(flush.IsCompletedSuccessfully);
    }

    private static void Answer(TestClient client, byte type, ushort packetId)
    {
        PacketType? answer = (PacketType)(type >> 4) switch
        {
            PacketType.Publish when (type & 6) == 2 => PacketType.PubAck,
            PacketType.Publish when (type & 6) == 4 => PacketType.PubRec,
            PacketType.PubRec => PacketType.PubRel,
            PacketType.PubRel => PacketType.PubComp,
            _ => null,
        };
        if (answer is not { } ackType)
            return;
        Span<byte> ack = stackalloc byte[AckPacket.ShortBytes];
        _ = AckPacket.Encode(ack, ackType, client.Version, packetId);
        Send(client, ack);
    }

    /// <summary>Takes the next packet, without a copy of it.</summary>
    private static bool TryReceive(TestClient client, out byte type, out ushort packetId)
    {
        type = 0;
        packetId = 0;
        if (!client.Transport.FromGateway.TryRead(out ReadResult result))
            return false;
        ReadOnlySpan<byte> bytes = result.Buffer.FirstSpan;
        if (bytes.Length < 2 || bytes.Length < 2 + bytes[1])
        {
            client.Transport.FromGateway.AdvanceTo(result.Buffer.Start);
            return false;
        }

        type = bytes[0];
        int idAt = (type >> 4) == (int)PacketType.Publish ? 4 + bytes[3] : 2;
        if ((type >> 4) != (int)PacketType.Publish || (type & 6) != 0)
            packetId = (ushort)((bytes[idAt] << 8) | bytes[idAt + 1]);
        client.Transport.FromGateway.AdvanceTo(result.Buffer.GetPosition(2 + bytes[1]));
        return true;
    }
}
