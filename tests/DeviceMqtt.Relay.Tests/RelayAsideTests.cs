using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>One message that an upstream does not take stops nothing but itself.</summary>
[TestClass]
public sealed class RelayAsideTests
{
    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task Message_ThatTheUpstreamClosesFor_TriedAloneThenSetAsideAndTheRestMoves(QoS qos)
    {
        await using TestRelay relay = await TestRelay.StartAsync(
            o => o.Rules = [new() { Filter = "#", MaxQoS = (int)qos }], disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t/bad", "bad");
        await relay.PublishQoS2Async("t/good", "1", "2");
        ushort bad = (await peer.ReceivePublishAsync()).PacketId;
        await peer.DisposeAsync();
        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        Assert.AreEqual("bad", (await second.ReceivePublishAsync()).Payload);
        await second.DisposeAsync();

        UpstreamPeer alone = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await alone.ReceivePresenceAsync();
        Assert.AreEqual("bad", (await alone.ReceivePublishAsync()).Payload);
        Assert.AreEqual(2, relay.Look(s => s.Buffer.Flow.DueCount), "it was not alone");
        await alone.DisposeAsync();

        UpstreamPeer last = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        if (qos == QoS.ExactlyOnce)
        {
            await last.ExpectAckAsync(PacketType.PubRel, bad); // the upstream may have had it open
            await last.SendAckAsync(PacketType.PubComp, bad);
        }

        ReceivedPublish[] good = [await last.ReceivePublishAsync(), await last.ReceivePublishAsync()];
        CollectionAssert.AreEqual(new[] { ("1", true), ("2", true) }, good.Select(g => (g.Payload, g.Dup)).ToArray());
        foreach (ReceivedPublish publish in good)
        {
            await last.SendAckAsync(qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, publish.PacketId);
            if (qos == QoS.AtLeastOnce)
                continue;
            await SkipToAckAsync(last, PacketType.PubRel, publish.PacketId);
            await last.SendAckAsync(PacketType.PubComp, publish.PacketId);
        }

        await Patience.Until(() => relay.Look(s => s.Acknowledged) == 2, "the acknowledgement of the others");
        Assert.AreEqual(("t/bad", AsideReason.EndsTheConnection), relay.Look(s => s.Buffer.SetAsides.All.Select(a => (a.Queued.Message.Topic, a.Why)).Single()));
        relay.Gateway.AssertLedgerBalances();
        Assert.AreEqual((1L, 1L), relay.Gateway.Look(b => (b.Kept().Ledger[LedgerClass.Relay].Pending, b.Kept().Ledger[LedgerClass.Relay].Aside)));
    }

    [TestMethod]
    public async Task Connection_EndsBeforeTheSuspectIsSentAlone_NothingIsSetAside()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "innocent");
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual("innocent", (await peer.ReceivePublishAsync()).Payload);
            await peer.DisposeAsync();
            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        for (int i = 0; i < 3; i++)
        {
            if (i == 0)
                Assert.AreEqual("presence/gw", (await peer.ReceivePublishAsync()).Topic); // and no PUBACK
            else
                Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type); // and no PINGRESP
            await peer.DisposeAsync();
            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        await peer.AnswerPingAsync();
        await peer.ReceivePresenceAsync();
        Assert.AreEqual("innocent", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        Assert.AreEqual((0, 1L), relay.Look(s => (s.Buffer.SetAsides.Count, s.Acknowledged)));
    }

    [TestMethod]
    public async Task Aside_OverARestart_StillThere_RetriedAndDroppedByAnOperator()
    {
        TestRelay relay = await StartOf5Async(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "one", "two", "three");
        for (int i = 0; i < 2; i++)
            await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);
        Assert.AreEqual("three", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        await relay.PublishRetainedAsync("$local", "commits");

        await using TestRelay again = await StartOf5Async(await relay.CrashAsync());
        again.Gateway.AssertLedgerBalances();
        UpstreamPeer second = await again.Upstream.AcceptMqttAsync(sessionPresent: true);
        await second.ReceivePresenceAsync();
        await again.WhenIdleAsync();
        Assert.AreEqual(AsideReason.Refused((byte)ReasonCode.NotAuthorized), again.Look(s => s.Buffer.SetAsides.All[0].Why));

        Assert.IsTrue(again.Look(s =>
        {
            bool isDone = s.Buffer.TryDropAside(2) && s.Buffer.TryTakeBack(1) && !s.Buffer.TryTakeBack(1);
            s.Tick();
            return isDone;
        }));
        Assert.AreEqual("one", (await second.ReceivePublishAndAckAsync()).Payload);
        await again.WhenIdleAsync();
        again.Gateway.AssertLedgerBalances();
        Assert.AreEqual((0L, 2L, 1L), again.Gateway.Look(b => (b.Kept().Ledger[LedgerClass.Relay].Aside, b.Kept().Ledger[LedgerClass.Relay].Delivered, b.Kept().Ledger[LedgerClass.Relay].DroppedFor(DropReason.DroppedByOperator))));
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce, PacketType.PubAck)]
    [DataRow(QoS.ExactlyOnce, PacketType.PubRec)]
    public async Task Message_Refused_PendingInTheLedgerAndNotDelivered(QoS qos, PacketType answer) // [MQTT-4.4.0-2]
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Protocol, o.Rules) = ("5.0", [new() { Filter = "#", MaxQoS = (int)qos }]), disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "refused");
        await peer.SendAckAsync(answer, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);
        await Patience.Until(() => relay.Look(s => s.Buffer.SetAsides.Count) == 1, "the message that is set aside");

        Assert.AreEqual((1L, 1L, 0L), relay.Gateway.Look(b => (b.Kept().Ledger[LedgerClass.Relay].Pending, b.Kept().Ledger[LedgerClass.Relay].Aside, b.Kept().Ledger[LedgerClass.Relay].Delivered)));
        relay.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public Task RelayAsideMessagesMax_Reached_NewestKeptAndOthersGo() => AsideFullAsync(l => l.RelayAsideMessagesMax = 1);

    [TestMethod]
    public Task RelayAsideBytesMax_Reached_NewestKeptAndOthersGo() => AsideFullAsync(l => l.RelayAsideBytesMax = 200);

    private static async Task AsideFullAsync(Action<GatewayLimits> limits)
    {
        await using TestRelay relay = await StartOf5Async(new MemoryStorage(), limits);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "one", "two");
        for (int i = 0; i < 2; i++)
            await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.TopicNameInvalid);
        await relay.PublishAsync("t", "three");
        Assert.AreEqual("three", (await peer.ReceivePublishAndAckAsync()).Payload);
        await Patience.Until(() => relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count)) == (1, 1), "one that is set aside, and one that finds no room");
        Assert.AreEqual(0, relay.Gateway.Counters.Dropped(DropReason.AsideFull));
        relay.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task PUBACK_UnspecifiedError_TriedOnceMoreAlone()
    {
        await using TestRelay relay = await StartOf5Async();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        await relay.PublishAsync("t", "one", "two", "three");
        ushort[] ids = [(await peer.ReceivePublishAsync()).PacketId, (await peer.ReceivePublishAsync()).PacketId, (await peer.ReceivePublishAsync()).PacketId];
        await peer.SendAckAsync(PacketType.PubAck, ids[0], ReasonCode.UnspecifiedError);
        await peer.SendAckAsync(PacketType.PubAck, ids[1]);
        await Patience.Until(() => relay.Look(s => s.Buffer.Flow.DueCount) == 1, "the refusal");
        await relay.PublishAsync("t", "four");
        await peer.SendAckAsync(PacketType.PubAck, ids[2]);
        ReceivedPublish alone = await peer.ReceivePublishAsync();
        Assert.AreEqual(("one", false, ids[0]), (alone.Payload, alone.Dup, alone.PacketId));
        await peer.SendAckAsync(PacketType.PubAck, ids[0], ReasonCode.UnspecifiedError);
        Assert.AreEqual("four", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        Assert.AreEqual((1, 3L), relay.Look(s => (s.Buffer.SetAsides.Count, s.Acknowledged)));
    }

    [TestMethod]
    public async Task PUBACK_QuotaExceededForOneMessageAlways_SetAsideWhenOthersAreTaken()
    {
        await using TestRelay relay = await StartOf5Async();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "bad", "good");
        for (int i = 0; i < 2; i++)
        {
            await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.QuotaExceeded);
            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        await peer.ReceivePresenceAsync();
        ReceivedPublish alone = await peer.ReceivePublishAsync();
        Assert.AreEqual("bad", alone.Payload);
        Assert.Contains(static p => p.Text == "devicemqtt=alone", alone.Properties, "a gateway above would refuse what comes behind it");
        await peer.SendAckAsync(PacketType.PubAck, alone.PacketId, ReasonCode.QuotaExceeded);
        ReceivedPublish other = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual("good", other.Payload);
        Assert.DoesNotContain(static p => p.Text == "devicemqtt=alone", other.Properties);
        await relay.WhenIdleAsync();
        Assert.AreEqual((1, 0, 1L), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count, s.Acknowledged)));
    }

    [TestMethod]
    public async Task PUBACK_QuotaExceededForEverything_NothingIsSetAside()
    {
        await using TestRelay relay = await StartOf5Async(limits: l => l.RelayInflightMax = 1);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "one", "two");
        for (int i = 0; i < 10; i++)
        {
            // One at a time, so that each answer finds the connection. What comes first is not the point.
            for (ReceivedPacket? packet = await peer.TryReceiveAsync(); packet is not null; packet = await peer.TryReceiveAsync())
            {
                ReceivedPublish publish = ReceivedPublish.From(packet, ProtocolVersion.V5);
                await peer.SendAckAsync(PacketType.PubAck, publish.PacketId, publish.Topic == "t" ? ReasonCode.QuotaExceeded : ReasonCode.Success);
            }

            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        Assert.AreEqual((0, 2), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count)));
    }

    private static Task<TestRelay> StartOf5Async(MemoryStorage? disk = null, Action<GatewayLimits>? limits = null, ClientRole role = ClientRole.Device) =>
        TestRelay.StartAsync(o => o.Protocol = "5.0", limits, disk: disk, role: role);

    // Presence may come in between.
    private static async Task SkipToAckAsync(UpstreamPeer peer, PacketType type, ushort packetId)
    {
        while (true)
        {
            ReceivedPacket packet = await peer.ReceiveAsync();
            if (packet.Type != type)
                continue;
            Assert.AreEqual(packetId, ReceivedAck.From(packet, type, ProtocolVersion.V311).PacketId);
            return;
        }
    }

    [TestMethod]
    public async Task Operator_AsksTheRunningGateway_GetsTheAnswerBeforePUBACK()
    {
        await using TestRelay relay = await StartOf5Async(new MemoryStorage(), role: ClientRole.Operator);
        relay.Gateway.Broker.Upstreams.AsideCommands = new AsideCommands([relay.Session], relay.Gateway.Broker.Clock);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t/\u0001", "bad\n");
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.TopicNameInvalid);
        await relay.WhenIdleAsync();
        TestClient person = await relay.Gateway.ConnectAsync("");

        string list = await AskAsync(person, "list upstream");
        StringAssert.StartsWith(list, "1  t/\\u0001  4 bytes, QoS 1, ", StringComparison.Ordinal);
        StringAssert.EndsWith(list, "refused with TopicNameInvalid", StringComparison.Ordinal);
        Assert.AreEqual("bad\\u000a", (await AskAsync(person, "show upstream 1")).Split('\n')[1]);
        Assert.AreEqual("there is no upstream 'x'; there are: upstream", await AskAsync(person, "list x"));
        Assert.AreEqual("1 of 1 wait again", await AskAsync(person, "retry upstream all"));
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.TopicNameInvalid);
        await relay.WhenIdleAsync();
        Assert.AreEqual("1 of 1 dropped", await AskAsync(person, "drop upstream 2"));
        Assert.AreEqual("nothing is set aside", await AskAsync(person, "list upstream"));
        relay.Gateway.AssertLedgerBalances();
    }

    private static async Task<string> AskAsync(TestClient person, string words)
    {
        ushort id = await person.SendPublishAsync(IAsideCommands.Topic, words, QoS.AtLeastOnce);
        ReceivedPublish answer = await person.ReceivePublishAsync();
        _ = await person.ExpectAckAsync(PacketType.PubAck, id);
        return answer.Payload;
    }

    [TestMethod]
    public async Task Topic_ThatTheProfileKnowsTheUpstreamCannotTake_NotSentAndCounted()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Profile, o.P2PSubscription) = ("nats", "device"));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("dm/living room/tele/t", "has a space");
        await relay.PublishAsync("dm/a@b/tele/t", "has a sign");
        await relay.PublishAsync("dm/sensor.1/tele/t", "has a dot");
        await relay.PublishAsync("dm/p2p/no@body", "has a sign");
        await relay.PublishAsync("dm/GID_x@@@dev/tele/t", "goes");
        ReceivedPublish publish = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual(("dm/GID_x===dev/tele/t", "goes"), publish.TopicAndPayload);
        Assert.AreEqual(4, relay.Gateway.Counters.Dropped(DropReason.TopicNotForUpstream));

        TestClient device = await relay.Gateway.ConnectAsync("GID_x@@@dev");
        await peer.GrantAsync(["+/p2p/GID_x===dev"]);
        await peer.SendPublishAsync("dm/p2p/GID_x===dev", "command", QoS.AtLeastOnce, 7);
        await peer.ExpectAckAsync(PacketType.PubAck, 7);
        ReceivedPublish command = await device.ReceivePublishAndAckAsync();
        Assert.AreEqual(("dm/p2p/GID_x@@@dev", "command"), command.TopicAndPayload);
    }

    [TestMethod]
    public async Task P2PSubscription_Gateway_OneForAllDevices()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.P2PSubscription = "gateway");
        TestClient device = await relay.Gateway.ConnectAsync("dev");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await peer.GrantAsync(["gw/p2p/+"]);
        await peer.SendPublishAsync("gw/p2p/dev", "command", QoS.AtLeastOnce, 7);
        await peer.ExpectAckAsync(PacketType.PubAck, 7);
        Assert.AreEqual(("gw/p2p/dev", "command"), (await device.ReceivePublishAndAckAsync()).TopicAndPayload);
    }

    // Two gateways, each the other's upstream.
    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Message_ThatComesRoundThroughAClient_NotTakenAgain(bool isOfOldVersion)
    {
        await using TestRelay relay = await StartOf5Async();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "once");
        ReceivedPublish up = await peer.ReceivePublishAndAckAsync();
        Assert.IsTrue(up.Properties.Any(p => p.Text == $"via=gw#{relay.Gateway.Broker.Upstreams.GatewayNumber}"));
        TestClient other = await relay.Gateway.ConnectAsync("", ProtocolVersion.V5);
        TestClient reader = await relay.Gateway.ConnectAsync("");
        _ = await reader.SubscribeAsync("t");
        _ = await other.PublishAsync("t", "once", QoS.AtLeastOnce, properties: w => w.Add(new UserProperty("via", isOfOldVersion ? "gw" : $"gw#{relay.Gateway.Broker.Upstreams.GatewayNumber}")));
        await reader.ExpectNothingAsync();
        await relay.WhenIdleAsync();
        Assert.AreEqual((1L, 1L), (relay.Look(s => s.Acknowledged), relay.Gateway.Counters.Dropped(DropReason.CameBack)));
    }

    [TestMethod]
    public async Task Operator_DecidesOnTheFolderOfAStoppedGateway()
    {
        TestRelay relay = await StartOf5Async(new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "one", "two", "three");
        for (int i = 0; i < 3; i++)
            await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);
        await relay.WhenIdleAsync();
        await relay.PublishRetainedAsync("$local", "commits");
        MemoryStorage disk = await relay.CrashAsync();
        await using (AsideFolder folder = new(disk, "upstream", TimeProvider.System))
        {
            CollectionAssert.AreEqual(new[] { "one", "two", "three" }, folder.All.Select(a => System.Text.Encoding.UTF8.GetString(a.Message.Payload)).ToArray());
            folder.TakeBack(2);
            folder.Drop(3);
        }

        await using TestRelay again = await StartOf5Async(disk.Crash(null));
        UpstreamPeer second = await again.Upstream.AcceptMqttAsync(sessionPresent: true);
        await second.ReceivePresenceAsync();
        Assert.AreEqual("two", (await second.ReceivePublishAndAckAsync()).Payload);
        await again.WhenIdleAsync();
        again.Gateway.AssertLedgerBalances();
        Assert.AreEqual((1L, 1L), again.Gateway.Look(b => (b.Kept().Ledger[LedgerClass.Relay].Aside, b.Kept().Ledger[LedgerClass.Relay].DroppedFor(DropReason.DroppedByOperator))));
    }
}
