using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>QoS 2 towards the upstream, over kills of the gateway and losses of the Session there: never lost, and twice only where nobody can know.</summary>
[TestClass]
public sealed class RelayFlowTests
{
    [TestMethod]
    public async Task QoS2_GatewayKilledAtEachStep_GoesOnUnderItsPacketIds()
    {
        TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a", "b", "c");
        ushort[] ids = await ReceiveAsync(peer, false, "a", "b", "c");
        await peer.SendAckAsync(PacketType.PubRec, ids[1]);
        await peer.ExpectAckAsync(PacketType.PubRel, ids[1]);
        relay.Gateway.AssertLedgerBalances();

        await using TestRelay again = await StartAsync(await relay.CrashAsync());
        again.Gateway.AssertLedgerBalances();
        UpstreamPeer second = await again.Upstream.AcceptMqttAsync(sessionPresent: true);
        Assert.AreEqual(ids[0], (await ReceiveAsync(second, true, "a"))[0]);
        await second.ExpectAckAsync(PacketType.PubRel, ids[1]);
        Assert.AreEqual(ids[2], (await ReceiveAsync(second, true, "c"))[0]);
        await second.ReceivePresenceAsync();

        // The upstream has all three open: what is new does not take their identifiers.
        await again.PublishQoS2Async("t", "d");
        ushort[] fourth = await ReceiveAsync(second, false, "d");
        CollectionAssert.DoesNotContain(ids, fourth[0]);
        await second.SendAckAsync(PacketType.PubComp, ids[1]);
        foreach (ushort id in new[] { ids[0], ids[2], fourth[0] })
            await CompleteAsync(second, id);
        await again.WhenIdleAsync();
        Assert.AreEqual((4L, 0L), again.Look(s => (s.Acknowledged, s.SentAsNew)));
        again.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task QoS2_UpstreamHasLostTheSession_SentAgainAsNew(bool isKilled)
    {
        TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a", "b");
        ushort[] ids = await ReceiveAsync(peer, false, "a", "b");
        await peer.SendAckAsync(PacketType.PubRec, ids[0]);
        await peer.ExpectAckAsync(PacketType.PubRel, ids[0]);
        if (isKilled)
            relay = await StartAsync(await relay.CrashAsync());
        else
            await peer.DisposeAsync();

        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: false);
        ids = await ReceiveAsync(second, false, "a", "b");
        await second.ReceivePresenceAsync();
        await second.SendAckAsync(PacketType.PubRec, ids[0]);
        await second.ExpectAckAsync(PacketType.PubRel, ids[0]);
        Assert.AreEqual(2, relay.Look(s => s.SentAsNew));

        // What was sent as new is known to be, after a kill as well.
        await using TestRelay third = await StartAsync(await relay.CrashAsync());
        UpstreamPeer last = await third.Upstream.AcceptMqttAsync(sessionPresent: true);
        await last.ExpectAckAsync(PacketType.PubRel, ids[0]);
        Assert.AreEqual(ids[1], (await ReceiveAsync(last, true, "b"))[0]);
        await last.ReceivePresenceAsync();
        await last.SendAckAsync(PacketType.PubComp, ids[0]);
        await CompleteAsync(last, ids[1]);
        await third.WhenIdleAsync();
        third.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task PUBREC_RepeatedAfterPUBREL_AnsweredWithPUBRELAgain()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        ushort id = (await ReceiveAsync(peer, false, "a"))[0];
        for (int i = 0; i < 2; i++)
        {
            await peer.SendAckAsync(PacketType.PubRec, id);
            await peer.ExpectAckAsync(PacketType.PubRel, id);
        }

        await peer.SendAckAsync(PacketType.PubComp, id);
        await relay.WhenIdleAsync();
        // Nothing of ours, and the upstream may close it.
        await peer.SendAckAsync(PacketType.PubRec, 999);
        await peer.ExpectAckAsync(PacketType.PubRel, 999);
        Assert.AreEqual(1, relay.Look(s => s.Acknowledged));
    }

    // An upstream that has the identifier open would take another message under it for this one.
    [TestMethod]
    public async Task QoS2_ExpiredInFlight_SentAgainAllTheSame()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage(), o => o.Rules = [new RelayRule { Filter = "#", MaxQoS = 2, MaxAgeSeconds = 10 }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        ushort id = (await ReceiveAsync(peer, false, "a"))[0];
        await peer.DisposeAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(20));

        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        Assert.AreEqual(id, (await ReceiveAsync(second, true, "a"))[0]);
    }

    // An upstream that has lost its Session has nothing open: there is no reason to send it again. It was, as a new one, however long ago its time was over.
    [TestMethod]
    public async Task QoS2_ExpiredInFlightAndTheSessionIsLost_NotSentAgain()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage(), o => o.Rules = [new RelayRule { Filter = "#", MaxQoS = 2, MaxAgeSeconds = 10 }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        _ = await ReceiveAsync(peer, false, "a");
        await peer.DisposeAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(20));

        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: false);
        await second.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "b");
        await CompleteAsync(second, (await ReceiveAsync(second, false, "b"))[0]);
        await relay.WhenIdleAsync();
        Assert.AreEqual(0L, relay.Look(static s => s.SentAsNew));
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.Expired));
        relay.Gateway.AssertLedgerBalances();
    }

    // A rule may send at QoS 1 what was published at QoS 2: after a kill it is known which it was.
    [TestMethod]
    public async Task QoS1_OfAQoS2Message_InFlightAtTheKill_SameAgain()
    {
        TestRelay relay = await StartAsync(new MemoryStorage(), o => o.Rules = [new RelayRule { Filter = "#", MaxQoS = 1 }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        ReceivedPublish first = await peer.ReceivePublishAsync();
        await relay.PublishQoS2Async("$local", "commits"); // what is lazy is on the disk now
        _ = await (await relay.Gateway.ConnectAsync("")).PublishAsync("$local", "commits", QoS.AtLeastOnce, retain: true);

        await using TestRelay again = await StartAsync(await relay.CrashAsync(), o => o.Rules = [new RelayRule { Filter = "#", MaxQoS = 1 }]);
        UpstreamPeer second = await again.Upstream.AcceptMqttAsync(sessionPresent: true);
        ReceivedPublish same = await second.ReceivePublishAndAckAsync();
        Assert.AreEqual(("a", first.PacketId, true), (same.Payload, same.PacketId, same.Dup));
    }

    private static Task<TestRelay> StartAsync(MemoryStorage disk, Action<RelayOptions>? options = null) =>
        TestRelay.StartAsync(options ?? (o => o.Rules = [new RelayRule { Filter = "#", MaxQoS = 2 }]), disk: disk);

    private static async Task<ushort[]> ReceiveAsync(UpstreamPeer peer, bool dup, params string[] payloads)
    {
        ushort[] ids = new ushort[payloads.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            ReceivedPublish publish = await peer.ReceivePublishAsync();
            Assert.AreEqual((payloads[i], QoS.ExactlyOnce, dup), (publish.Payload, publish.QoS, publish.Dup));
            ids[i] = publish.PacketId;
        }

        return ids;
    }

    private static async Task CompleteAsync(UpstreamPeer peer, ushort id)
    {
        await peer.SendAckAsync(PacketType.PubRec, id);
        await peer.ExpectAckAsync(PacketType.PubRel, id);
        await peer.SendAckAsync(PacketType.PubComp, id);
    }
}
