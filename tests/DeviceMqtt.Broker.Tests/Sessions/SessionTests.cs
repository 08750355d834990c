using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Sessions;

/// <summary>A Session whose client behaves oddly.</summary>
[TestClass]
internal sealed class SessionTests
{
    /// <summary>
    /// The window stops when its oldest message is never acknowledged, although few are in flight. Sending what waits
    /// used to put the first message back behind the others, and to try again for ever, inside the turn.
    /// </summary>
    [TestMethod]
    public async Task Client_NeverAcknowledgesOneMessage_WindowStopsAndGatewayGoesOn()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.PublisherPauseMs = 0);
        TestClient odd = await gateway.ConnectAsync("odd");
        await odd.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        const int batch = 500;
        int received = 0;
        ushort oldest = 0;
        while (received < OutboundWindow.SpanMax)
        {
            await PublishAsync(publisher, batch);
            int now = Math.Min(batch, OutboundWindow.SpanMax - received);
            List<ushort> open = [];
            for (int i = 0; i < now; i++, received++)
            {
                ReceivedPublish publish = await odd.ReceivePublishAsync();
                if (received == 0)
                    oldest = publish.PacketId;
                else
                    open.Add(publish.PacketId);
            }

            await odd.SendAsync(w => open.ForEach(id => AckPacket.Write(w, PacketType.PubAck, ProtocolVersion.V311, id)));
        }

        await odd.ExpectNothingAsync(); // one in flight, the rest waits
        Assert.AreEqual(1, gateway.Look(b => b.Sessions.Find("odd")!.InflightCount));
        await odd.SendAckAsync(PacketType.PubAck, oldest);
        int waiting = (batch - (OutboundWindow.SpanMax % batch)) % batch;
        for (int i = 0; i < waiting; i++)
            Assert.AreEqual(QoS.AtLeastOnce, (await odd.ReceivePublishAndAckAsync()).QoS);
        await odd.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Client_AcknowledgesWhatWasNotSentAgainYet_NotSentAgain()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("client", ProtocolVersion.V5);
        await client.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 4; i++)
            await publisher.PublishAsync("t", $"{i}", i == 2 ? QoS.ExactlyOnce : QoS.AtLeastOnce);
        ushort[] ids = new ushort[4];
        for (int i = 0; i < 4; i++)
            ids[i] = (await client.ReceivePublishAsync()).PacketId;
        await client.ResetAsync();

        TestClient again = await gateway.ConnectDurableAsync("client", ProtocolVersion.V5, receiveMaximum: 1);
        Assert.AreEqual(ids[0], (await again.ReceivePublishAsync()).PacketId);
        await again.SendAckAsync(PacketType.PubAck, ids[1]); // it remembers these from the connection before
        await again.SendAckAsync(PacketType.PubRec, ids[2]);
        await again.ExpectAckAsync(PacketType.PubRel, ids[2]);
        await again.SendAckAsync(PacketType.PubComp, ids[2]);
        await again.SendAckAsync(PacketType.PubAck, ids[0]);
        ReceivedPublish last = await again.ReceivePublishAndAckAsync();
        Assert.AreEqual((ids[3], true), (last.PacketId, last.Dup));
        await again.ExpectNothingAsync();
        Assert.AreEqual((0, false), gateway.Look(b => (b.Sessions.Find("client")!.InflightCount, b.Sessions.Find("client")!.IsBacklogged)));
    }

    [TestMethod]
    public async Task Client_ComesAndGoesWithoutReading_EachConnectionEndsAndNothingPilesUp()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.QueueMessagesMax = 50);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        TestClient first = await gateway.ConnectDurableAsync("client");
        await first.SubscribeAsync("t", QoS.AtLeastOnce);
        await first.DropAsync();
        for (int i = 0; i < 30; i++)
        {
            await publisher.PublishAsync("t", new string('x', 1000), QoS.AtLeastOnce);
            TestClient client = gateway.Open(networkBytes: 1500);
            await client.SendConnectAsync("client", clean: false);
            await client.DropAsync();
            Assert.AreEqual(CloseReason.ClientGone, client.CloseReason);
        }

        TestClient last = await gateway.ConnectDurableAsync("client");
        for (int i = 0; i < 30; i++)
            await last.ReceivePublishAndAckAsync();
        await last.ExpectNothingAsync();
    }

    private static async Task PublishAsync(TestClient publisher, int count)
    {
        await publisher.SendAsync(w =>
        {
            for (ushort id = 1; id <= count; id++)
                PublishPacket.Write(w, ProtocolVersion.V311, "t"u8, default, "x"u8, QoS.AtLeastOnce, retain: false, dup: false, id);
        });
        for (ushort id = 1; id <= count; id++)
            await publisher.ExpectAckAsync(PacketType.PubAck, id);
    }
}
