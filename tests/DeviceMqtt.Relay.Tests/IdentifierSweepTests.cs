using DeviceMqtt.Broker.Defaults;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Sending;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// A Session upstream of which the journal knows nothing: a new data folder, another name or address, a backup. A QoS 2 message under an identifier that is open there was taken for another one, which
/// lost it. All are freed with PUBREL first.
/// </summary>
[TestClass]
public sealed class IdentifierSweepTests
{
    [TestMethod]
    public async Task Session_JournalKnowsNothingOfIt_QoS2WhenAllIdentifiersAreFreeAndAfterARestartAtOnce()
    {
        TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        HashSet<ushort> freed = [];
        bool isPublished = false;
        QoS? early = null;
        while (freed.Count < ushort.MaxValue)
        {
            ReceivedPacket packet = await peer.ReceiveAsync();
            if (packet.Type == PacketType.PubRel)
            {
                ushort packetId = ReceivedAck.From(packet, PacketType.PubRel, ProtocolVersion.V311).PacketId;
                Assert.IsTrue(freed.Add(packetId), "freed twice");
                await peer.SendAckAsync(PacketType.PubComp, packetId);
                if (isPublished)
                    continue;
                isPublished = true;
                await relay.PublishQoS2Async("t", "early");
                continue;
            }

            ReceivedPublish publish = ReceivedPublish.From(packet, ProtocolVersion.V311);
            Assert.Contains(publish.PacketId, freed, "under one that may be open");
            if (publish.Payload == "early")
                early = publish.QoS;
            await peer.SendAckAsync(PacketType.PubAck, publish.PacketId);
        }

        Assert.AreEqual(QoS.AtLeastOnce, early);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        _ = await relay.Lines.ExpectAsync(RelayLines.UnknownSession);
        _ = await relay.Lines.ExpectAsync(RelayLines.IdentifiersFreed);
        await relay.PublishQoS2Async("t", "late");
        Assert.AreEqual(QoS.ExactlyOnce, (await peer.ReceivePublishAsync()).QoS);

        await using TestRelay again = await StartAsync(await relay.CrashAsync());
        UpstreamPeer second = await again.Upstream.AcceptMqttAsync(sessionPresent: true);
        ReceivedPublish same = await second.ReceivePublishAsync();
        Assert.AreEqual(("late", true, QoS.ExactlyOnce), (same.Payload, same.Dup, same.QoS));
        again.Lines.ExpectNoMore(RelayLines.UnknownSession);
    }

    [TestMethod]
    [DataRow("another ClientId"), DataRow("a new folder"), DataRow("the same")]
    public async Task Session_OfALaterStart_IsOldWhereTheJournalDoesNotKnowIt(string start)
    {
        TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        MemoryStorage disk = await relay.CrashAsync();

        await using TestRelay again = await StartAsync(start == "a new folder" ? new MemoryStorage() : disk, start == "another ClientId" ? "gw2" : "gw");
        UpstreamPeer second = await again.Upstream.AcceptMqttAsync(sessionPresent: true);
        Assert.AreEqual(start == "the same" ? PacketType.Publish : PacketType.PubRel, (await second.ReceiveAsync()).Type);
    }

    [TestMethod]
    public async Task Session_QoS2InFlightToAnotherClientId_ItsIdentifierIsFreedBeforeItGoes()
    {
        TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        ushort sent = (await peer.ReceivePublishAsync()).PacketId;

        await using TestRelay again = await StartAsync(await relay.CrashAsync(), "gw2");
        UpstreamPeer second = await again.Upstream.AcceptMqttAsync(sessionPresent: true);
        Assert.AreEqual(sent, ReceivedAck.From(await second.ReceiveAsync(), PacketType.PubRel, ProtocolVersion.V311).PacketId);
        await second.SendAckAsync(PacketType.PubComp, sent);
        for (ReceivedPacket packet = await second.ReceiveAsync(); ; packet = await second.ReceiveAsync())
        {
            if (packet.Type != PacketType.Publish)
            {
                await second.SendAckAsync(PacketType.PubComp, ReceivedAck.From(packet, PacketType.PubRel, ProtocolVersion.V311).PacketId);
                continue;
            }

            ReceivedPublish publish = ReceivedPublish.From(packet, ProtocolVersion.V311);
            Assert.AreEqual(("a", sent, QoS.AtLeastOnce, false), (publish.Payload, publish.PacketId, publish.QoS, publish.Dup));
            return;
        }
    }

    [TestMethod]
    public async Task Upstream_AnswersPINGREQAndNotPUBREL_GoesOnAtQoS1AndIsNotAskedOnTheNextConnection()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage(), time: static fake => fake);
        UpstreamPeer peer = await GivenUpAsync(relay);
        await relay.PublishQoS2Async("t", "a");
        Assert.AreEqual("a", (await peer.ReceivePublishAndAckAsync()).Payload);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        _ = await relay.Lines.ExpectAsync(RelayLines.UnknownSession);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.IdentifiersNotFreed), "it does not answer", StringComparison.Ordinal);
        await relay.WhenIdleAsync();
        await peer.DisposeAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Disconnected);
        await (await relay.AcceptLaterAsync()).ReceivePresenceAsync();
    }

    // A link that stood still for 10 s once made QoS 2 QoS 1 until the next start.
    [TestMethod]
    public async Task Upstream_AnswersNothingForAWhile_IsWaitedFor()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage(), time: static fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        List<ushort> asked = await ReceiveAskedAsync(peer);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type);
        foreach (ushort packetId in asked)
            await peer.SendAckAsync(PacketType.PubComp, packetId);
        await peer.SendAsync([0xD0, 0]);
        await peer.ReceivePresenceAsync(); // under one that is free
        _ = await ReceiveAskedAsync(peer);
        Assert.IsFalse(relay.Lines.TryFind(RelayLines.IdentifiersNotFreed, out string? line), line);
    }

    // The answer to the PINGREQ of before says nothing of what went behind that. Where a link stood still in between, QoS 2 became QoS 1 for hours.
    [TestMethod]
    public async Task Upstream_AnswersThePINGREQOfBefore_IsWaitedForAllTheSame()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage(), time: static fake => fake, keepAliveSeconds: 7);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        List<ushort> asked = await ReceiveAskedAsync(peer);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(8));
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type, "the one that is behind what was asked");

        await peer.SendAsync([0xD0, 0]);
        foreach (ushort packetId in asked)
            await peer.SendAckAsync(PacketType.PubComp, packetId);
        await peer.SendAsync([0xD0, 0]);

        await peer.ReceivePresenceAsync(); // under one that is free
        _ = await ReceiveAskedAsync(peer);
        Assert.IsFalse(relay.Lines.TryFind(RelayLines.IdentifiersNotFreed, out string? line), line);
    }

    // An end of the connection says something of what is tried alone only where no PUBREL is under way that it may have been for.
    [TestMethod]
    public async Task Message_TriedAlone_NoIdentifierIsFreedMeanwhile()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        foreach (ushort packetId in await ReceiveAskedAsync(peer))
            await peer.SendAckAsync(PacketType.PubComp, packetId);
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "a");
        await FreeUntilAsync(peer, "a");
        await peer.DisposeAsync();
        peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await FreeUntilAsync(peer, "online");
        await peer.DisposeAsync();

        peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        ReceivedPublish alone = await peer.ReceivePublishAsync();
        Assert.AreEqual("a", alone.Payload);
        relay.Do(static s => s.Ask());
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type, "something was sent with it");
        await peer.SendAckAsync(PacketType.PubAck, alone.PacketId);
        Assert.AreEqual(PacketType.PubRel, (await peer.ReceiveAsync()).Type, "and now it goes on");
    }

    // Answers each PUBREL, and the gateway's presence, and no other message.
    private static async Task FreeUntilAsync(UpstreamPeer peer, string until)
    {
        for (string last = ""; last != until;)
        {
            ReceivedPacket packet = await peer.ReceiveAsync();
            if (packet.Type == PacketType.PubRel)
            {
                await peer.SendAckAsync(PacketType.PubComp, ReceivedAck.From(packet, PacketType.PubRel, ProtocolVersion.V311).PacketId);
                continue;
            }

            ReceivedPublish publish = ReceivedPublish.From(packet, ProtocolVersion.V311);
            bool isPresence = publish.Topic != "t";
            last = isPresence ? "online" : publish.Payload;
            if (isPresence)
                await peer.SendAckAsync(PacketType.PubAck, publish.PacketId);
        }
    }

    [TestMethod]
    public async Task Upstream_AnswersLater_AskedForOneAndThenForAllAndQoS2Again()
    {
        await using TestRelay relay = await StartAsync(new MemoryStorage(), time: static fake => fake, keepAliveSeconds: 60_000);
        UpstreamPeer peer = await GivenUpAsync(relay);
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromHours(4));
        _ = ReceivedAck.From(await peer.ReceiveAsync(), PacketType.PubRel, ProtocolVersion.V311); // one only, and nothing waits for the answer
        await relay.PublishQoS2Async("t", "a");
        ReceivedPublish meanwhile = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual(("a", QoS.AtLeastOnce), (meanwhile.Payload, meanwhile.QoS));
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(11));
        await peer.AnswerPingAsync();
        await relay.PublishQoS2Async("t", "b");
        Assert.AreEqual("b", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();

        relay.Gateway.Time.Advance(TimeSpan.FromHours(8));
        HashSet<ushort> freed = [];
        while (freed.Count < ushort.MaxValue)
        {
            ushort packetId = ReceivedAck.From(await peer.ReceiveAsync(), PacketType.PubRel, ProtocolVersion.V311).PacketId;
            Assert.IsTrue(freed.Add(packetId), "freed twice");
            await peer.SendAckAsync(PacketType.PubComp, packetId);
        }

        await Patience.Until(() => relay.Lines.TryFind(RelayLines.IdentifiersFreed, out _), "the line that all are free");
        await relay.PublishQoS2Async("t", "c");
        Assert.AreEqual(QoS.ExactlyOnce, (await peer.ReceivePublishAsync()).QoS);
    }

    private static async Task<List<ushort>> ReceiveAskedAsync(UpstreamPeer peer)
    {
        List<ushort> asked = [];
        while (asked.Count < IdentifierSweep.AskedMax)
            asked.Add(ReceivedAck.From(await peer.ReceiveAsync(), PacketType.PubRel, ProtocolVersion.V311).PacketId);
        return asked;
    }

    // It is there, and says nothing to PUBREL.
    private static async Task<UpstreamPeer> GivenUpAsync(TestRelay relay)
    {
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        _ = await ReceiveAskedAsync(peer);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(11));
        await peer.AnswerPingAsync();
        await peer.ReceivePresenceAsync();
        return peer;
    }

    // At QoS 1 no identifier is open: nothing has to be freed, and nobody is told of it.
    [TestMethod]
    public async Task Session_NoRuleSendsQoS2_NothingIsFreed()
    {
        await using TestRelay relay = await TestRelay.StartAsync(disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "a");
        _ = await peer.ReceivePublishAndAckAsync();
        await relay.WhenIdleAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        relay.Lines.ExpectNoMore();
    }

    [TestMethod]
    public void Sweep_WhatIsInFlightFirstThenAllOthers_EachOnce()
    {
        Flow flow = new(new NoCustody(new BrokerCounters(static _ => { })), DropOwner.Upstream("up"));
        for (int i = 0; i < 3; i++)
            _ = flow.Begin(new QueuedMessage(Messages.Of("t", $"{i}"), QoS.AtLeastOnce, Retain: false, Identifiers: null), QoS.AtLeastOnce, keep: true, isFollowed: false, out _);
        IdentifierSweep sweep = new(flow);
        sweep.Begin(0);
        List<ushort> asked = [];
        while (!sweep.IsOver)
        {
            int before = asked.Count;
            while (sweep.TryAsk(0, out ushort packetId))
                asked.Add(packetId);
            Assert.IsLessThanOrEqualTo(IdentifierSweep.AskedMax, asked.Count - before);
            Assert.IsTrue(sweep.HoldsBack || before > 0);
            foreach (ushort packetId in asked.Skip(before))
                Assert.IsTrue(sweep.Answered(packetId, 0));
            Assert.IsFalse(sweep.Answered(asked[0], 0), "answered before");
        }

        CollectionAssert.AreEqual(new ushort[] { 1, 2, 3, 4, 5 }, asked.Take(5).ToArray());
        Assert.AreEqual((ushort.MaxValue, ushort.MaxValue), (asked.Count, asked.Distinct().Count()));
    }

    private static Task<TestRelay> StartAsync(MemoryStorage disk, string clientId = "gw", Func<FakeTime, TimeProvider>? time = null, int keepAliveSeconds = 30) =>
        TestRelay.StartAsync(o => (o.ClientId, o.P2P, o.KeepAliveSeconds, o.Rules) = (clientId, false, keepAliveSeconds, [new RelayRule { Filter = "#", MaxQoS = 2 }]), time: time, disk: disk, hasLateWills: false);
}
