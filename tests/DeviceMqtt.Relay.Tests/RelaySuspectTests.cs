using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Which of the messages that were under way an upstream ends its connections for.</summary>
[TestClass]
public sealed class RelaySuspectTests
{
    // The end of the connection took the answers to those before it with it: each of them was suspected, two connections long, and went again each time.
    [TestMethod]
    public async Task Message_ThatTheUpstreamClosesForBehindOthers_FoundOneByOne()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "1", "2", "3", "bad", "4");
        for (int connection = 0; connection < 2; connection++)
        {
            for (int i = 0; i < 5; i++)
                Assert.AreEqual("t", (await peer.ReceivePublishAsync()).Topic);
            await peer.DisposeAsync();
            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        await peer.ReceivePresenceAsync();
        for (int i = 1; i <= 3; i++)
        {
            ReceivedPublish good = await peer.ReceivePublishAsync();
            Assert.AreEqual($"{i}", good.Payload);
            Assert.AreEqual(5 - i, relay.Look(s => s.Buffer.Flow.DueCount), "it was not alone");
            await peer.SendAckAsync(PacketType.PubAck, good.PacketId);
        }

        Assert.AreEqual("bad", (await peer.ReceivePublishAsync()).Payload);
        await peer.DisposeAsync();
        peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        Assert.AreEqual("bad", (await peer.ReceivePublishAsync()).Payload, "once more, for that may have been chance");
        await peer.DisposeAsync();

        peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        Assert.AreEqual("4", (await peer.ReceivePublishAndAckAsync()).Payload);
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        Assert.AreEqual((1, 4L), relay.Look(s => (s.Buffer.SetAsides.Count, s.Acknowledged)));
    }
}
