using System.Buffers;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>What an upstream brings is for many: no turn does more of it than a slice, and everybody has it in its order. Each look at the clock takes as long as a slice.</summary>
[TestClass]
public sealed class RelayWideTests
{
    private const int MostInOneTurn = 512;

    [TestMethod]
    [DataRow(300, 40), DataRow(20, 400)]
    public async Task Upstream_ManyMessagesInOneRead_NoTurnDeliversMoreThanASlice(int subscribers, int messages)
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.Rules = [new RelayRule { Direction = RelayDirection.In, Filter = "down/#" }], static l => l.SharePercentMax = 100);
        TestBroker gateway = relay.Gateway;
        List<TestClient> clients = [];
        for (int i = 0; i < subscribers; i++)
        {
            clients.Add(await gateway.ConnectAsync($"client {i}"));
            _ = await clients[i].SubscribeAsync("down/#");
        }

        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        Func<long> most = gateway.MostInOneTurn(() => gateway.Counters.MessagesSent);
        gateway.Time.LookMs = 2;
        ArrayBufferWriter<byte> all = new();
        for (int i = 0; i < messages; i++)
            PublishPacket.Write(all, ProtocolVersion.V311, "down/x"u8, [], System.Text.Encoding.UTF8.GetBytes($"{i}"), i == messages - 1 ? QoS.AtLeastOnce : QoS.AtMostOnce, retain: false, dup: false, packetId: (ushort)(i == messages - 1 ? 7 : 0));
        await peer.SendAsync(all.WrittenSpan.ToArray());
        await AnswerUntilAckAsync(peer, 7);
        await Patience.Until(() => gateway.Counters.MessagesSent == (long)subscribers * messages, "all messages for all");
        gateway.Time.LookMs = 0;
        foreach (TestClient client in clients)
            for (int i = 0; i < messages; i++)
                Assert.AreEqual($"{i}", (await client.ReceivePublishAsync()).Payload);
        Assert.IsLessThanOrEqualTo(MostInOneTurn, most());
    }

    // The relay asks for commands for each of the clients.
    private static async Task AnswerUntilAckAsync(UpstreamPeer peer, ushort packetId)
    {
        ReceivedPacket? packet = await peer.NextAnswerAsync();
        while (packet is { Type: not PacketType.PubAck })
            packet = await peer.NextAnswerAsync();
        Assert.AreEqual(packetId, ReceivedAck.From(packet!, PacketType.PubAck, peer.Version).PacketId);
    }
}
