using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>An upstream that finds a Packet Identifier in use (0x91): EMQX and FlashMQ say so of a PUBLISH that comes again, and it was set aside for that.</summary>
[TestClass]
public sealed class RelayInUseTests
{
    [TestMethod]
    public async Task PUBREC_InUseForWhatWasSentAgain_IsThePubRec()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        ReceivedPublish first = await peer.ReceivePublishAsync();
        await peer.DisposeAsync();

        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        ReceivedPublish again = await second.ReceivePublishAsync();
        Assert.AreEqual((first.PacketId, true), (again.PacketId, again.Dup));
        await second.ReceivePresenceAsync();
        await second.SendAckAsync(PacketType.PubRec, first.PacketId, ReasonCode.PacketIdentifierInUse);
        await second.ExpectAckAsync(PacketType.PubRel, first.PacketId);
        await second.SendAckAsync(PacketType.PubComp, first.PacketId);
        await relay.WhenIdleAsync();
        Assert.AreEqual((1L, 0), relay.Look(static s => (s.Acknowledged, s.Buffer.SetAsides.Count)));
        relay.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    [DataRow(2, false), DataRow(2, true), DataRow(1, false)]
    public async Task PUBREC_InUseForANewMessage_ThatIsFinishedAndItGoesUnderAnother(int qos, bool isKilled)
    {
        TestRelay relay = await StartAsync(new MemoryStorage(), qos);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        ReceivedPublish first = await peer.ReceivePublishAsync();
        await peer.SendAckAsync(qos == 2 ? PacketType.PubRec : PacketType.PubAck, first.PacketId, ReasonCode.PacketIdentifierInUse);
        ReceivedPublish other = await peer.ReceivePublishAsync();
        Assert.AreEqual(("a", false, (QoS)qos), (other.Payload, other.Dup, other.QoS));
        Assert.AreNotEqual(first.PacketId, other.PacketId);
        await peer.ExpectAckAsync(PacketType.PubRel, first.PacketId);
        if (isKilled)
        {
            // It is known under which it is, and that the other is to be finished.
            relay = await StartAsync(await relay.CrashAsync(), qos);
            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
            await peer.ExpectAckAsync(PacketType.PubRel, first.PacketId);
            ReceivedPublish same = await peer.ReceivePublishAsync();
            Assert.AreEqual(("a", true, other.PacketId), (same.Payload, same.Dup, same.PacketId));
            await peer.ReceivePresenceAsync();
        }

        await peer.SendAckAsync(PacketType.PubComp, first.PacketId);
        await FinishAsync(peer, other);
        await relay.WhenIdleAsync();
        Assert.AreEqual((1L, 0), relay.Look(static s => (s.Acknowledged, s.Buffer.SetAsides.Count)));
        relay.Gateway.AssertLedgerBalances();
        await relay.DisposeAsync();
    }

    [TestMethod]
    public async Task PUBREC_InUseOfEachIdentifier_SetAsideInTheEnd()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        ReceivedPublish publish = await peer.ReceivePublishAsync();
        for (int i = 0; i < 64; i++)
        {
            await peer.SendAckAsync(PacketType.PubRec, publish.PacketId, ReasonCode.PacketIdentifierInUse);
            ushort before = publish.PacketId;
            publish = await peer.ReceivePublishAsync();
            await peer.ExpectAckAsync(PacketType.PubRel, before);
            await peer.SendAckAsync(PacketType.PubComp, before);
        }

        await peer.SendAckAsync(PacketType.PubRec, publish.PacketId, ReasonCode.PacketIdentifierInUse);
        await relay.WhenIdleAsync();
        Assert.AreEqual((0L, 1), relay.Look(static s => (s.Acknowledged, s.Buffer.SetAsides.Count)));
        relay.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    [DataRow("PUBACK for QoS 2"), DataRow("PUBREC for QoS 1")]
    public async Task Answer_ThatIsNotForItsQoS_MessageIsTriedAloneAndSetAside(string wrong)
    {
        bool isQoS2 = wrong == "PUBACK for QoS 2";
        await using TestRelay relay = await StartAsync(new MemoryStorage(), isQoS2 ? 2 : 1);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "poison", "b");
        ReceivedPublish poison = await peer.ReceivePublishAsync();
        await FinishAsync(peer, await peer.ReceivePublishAsync());
        await peer.SendAckAsync(isQoS2 ? PacketType.PubAck : PacketType.PubRec, poison.PacketId);
        await peer.ExpectCloseAsync();

        peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        poison = await peer.ReceivePublishAsync();
        Assert.AreEqual("poison", poison.Payload);
        await peer.SendAckAsync(isQoS2 ? PacketType.PubAck : PacketType.PubRec, poison.PacketId);
        await peer.ExpectCloseAsync();

        peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        if (isQoS2)
            await peer.ExpectAckAsync(PacketType.PubRel, poison.PacketId);
        await peer.ReceivePresenceAsync();
        Assert.AreEqual(1, relay.Look(static s => s.Buffer.SetAsides.Count));
        relay.Gateway.AssertLedgerBalances();
    }

    private static async Task FinishAsync(UpstreamPeer peer, ReceivedPublish publish)
    {
        if (publish.QoS == QoS.AtLeastOnce)
        {
            await peer.SendAckAsync(PacketType.PubAck, publish.PacketId);
            return;
        }

        await peer.SendAckAsync(PacketType.PubRec, publish.PacketId);
        await peer.ExpectAckAsync(PacketType.PubRel, publish.PacketId);
        await peer.SendAckAsync(PacketType.PubComp, publish.PacketId);
    }

    private static Task<TestRelay> StartAsync(MemoryStorage disk, int qos = 2) => TestRelay.StartAsync(
        o =>
        {
            o.Rules = [new RelayRule { Filter = "#", MaxQoS = qos }];
            o.Protocol = "5.0";
        },
        disk: disk);
}
