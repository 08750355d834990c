using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;

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

    // PUBREL of a message that was given up goes alone as well, behind what is suspected. There is no message to blame for it: the link ended with a fault of the gateway's own.
    [TestMethod]
    public async Task PUBREL_OfAMessageThatWasGivenUp_ConnectionEndsForIt_NothingElseIsSetAside()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => (o.P2P, o.Rules) = (false, [new RelayRule { Filter = "#", MaxQoS = 2 }]));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "bad");
        ushort given = (await peer.ReceivePublishAsync()).PacketId;
        peer = await NextAsync(relay, peer);
        Assert.AreEqual("bad", (await peer.ReceivePublishAsync()).Payload);
        peer = await NextAsync(relay, peer);
        await peer.ReceivePresenceAsync();
        Assert.AreEqual("bad", (await peer.ReceivePublishAsync()).Payload, "alone");

        for (int connection = 0; connection < 2; connection++)
        {
            peer = await NextAsync(relay, peer);
            await peer.ExpectAckAsync(PacketType.PubRel, given);
            if (connection == 0)
            {
                await peer.ReceivePresenceAsync();
                await relay.PublishQoS2Async("t", "good");
            }

            Assert.AreEqual("good", (await peer.ReceivePublishAsync()).Payload);
        }

        peer = await NextAsync(relay, peer);
        await peer.ReceivePresenceAsync();
        ushort good = (await peer.ReceivePublishAsync()).PacketId;
        await peer.SendAckAsync(PacketType.PubRec, good);
        await peer.ExpectAckAsync(PacketType.PubRel, good);
        await peer.SendAckAsync(PacketType.PubComp, good);
        await peer.ExpectAckAsync(PacketType.PubRel, given);

        peer = await NextAsync(relay, peer);
        Assert.AreEqual(UplinkEndReason.ConnectionLost, relay.Uplink.Status.LastEnd.Reason, relay.Uplink.Status.LastEnd.Detail);
        await peer.ExpectAckAsync(PacketType.PubRel, given);
        await peer.SendAckAsync(PacketType.PubComp, given);
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        Assert.AreEqual((1, 1L), relay.Look(static s => (s.Buffer.SetAsides.Count, s.Acknowledged)));
    }

    // It has its PUBREC: it is there, and was set aside for the end of the connection that PUBREL met. Tried again later it would be there twice.
    [TestMethod]
    public async Task Suspect_HasItsPUBREC_ConnectionEndsForPUBREL_IsNotSetAside()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => (o.P2P, o.Rules) = (false, [new RelayRule { Filter = "#", MaxQoS = 2 }]));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        ushort packetId = (await peer.ReceivePublishAsync()).PacketId;
        peer = await NextAsync(relay, peer);
        Assert.AreEqual("a", (await peer.ReceivePublishAsync()).Payload);
        peer = await NextAsync(relay, peer);
        await peer.ReceivePresenceAsync();
        Assert.AreEqual("a", (await peer.ReceivePublishAsync()).Payload, "alone");
        await peer.SendAckAsync(PacketType.PubRec, packetId);
        await peer.ExpectAckAsync(PacketType.PubRel, packetId);

        peer = await NextAsync(relay, peer);
        await peer.ReceivePresenceAsync();
        await peer.ExpectAckAsync(PacketType.PubRel, packetId);
        await peer.SendAckAsync(PacketType.PubComp, packetId);
        await relay.WhenIdleAsync();
        Assert.AreEqual((0, 1L), relay.Look(static s => (s.Buffer.SetAsides.Count, s.Acknowledged)));
    }

    private static async Task<UpstreamPeer> NextAsync(TestRelay relay, UpstreamPeer peer)
    {
        await peer.DisposeAsync();
        return await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
    }
}
