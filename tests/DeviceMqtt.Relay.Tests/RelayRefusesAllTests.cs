using System.Buffers;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// An upstream that refuses everything for a while, as behind a wrong access rule or role, is at fault itself: nothing is set aside or dropped for that, and all goes when it takes
/// messages again. Once a thousand messages were set aside within seconds, and all behind them dropped.
/// </summary>
[TestClass]
public sealed class RelayRefusesAllTests
{
    private const int Backlog = 60;

    [TestMethod]
    [DataRow(ReasonCode.NotAuthorized)]
    [DataRow(ReasonCode.PayloadFormatInvalid)]
    [DataRow(ReasonCode.UnspecifiedError)]
    public async Task PUBACK_RefusesEverythingForAWhile_AllArriveInTheirOrderAfterwards(ReasonCode reason)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", l => (l.RelayInflightMax, l.RelayAsideMessagesMax) = (40, 20), disk: new MemoryStorage());
        string[] payloads = [.. Enumerable.Range(0, Backlog).Select(static i => $"{i}")];
        await relay.PublishAsync("t", payloads);

        HashSet<string> refused = [];
        while (refused.Count < 30)
            _ = await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), reason, seen: refused, until: static _ => false);
        Assert.AreEqual((0, Backlog), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count)), "it is the upstream that is at fault");
        Assert.AreEqual((0L, 0L), (relay.Gateway.Counters.Dropped(DropReason.AsideFull), relay.Gateway.Counters.Dropped(DropReason.RelayFull)));

        List<string> taken = [];
        Assert.IsTrue(await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.Success, taken, until: static all => all.Count == Backlog, withPresence: true));
        CollectionAssert.AreEqual(payloads, taken);
        await relay.WhenIdleAsync();
        Assert.AreEqual((0, 0), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count)));
        relay.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task PUBACK_RefusesEverything_SaidOnceAndInTheStatus()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0");
        await relay.PublishAsync("t", [.. Enumerable.Range(0, Backlog).Select(static i => $"{i}")]);
        for (int i = 0; i < 6; i++)
            Assert.IsFalse(await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.NotAuthorized, [], until: static _ => false));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);

        Assert.AreEqual("AllRefused", $"{relay.Uplink.Status.LastEnd.Reason}");
        StringAssert.Contains(relay.Uplink.Status.LastEnd.Detail, "NotAuthorized", StringComparison.Ordinal);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "AllRefused", StringComparison.Ordinal);
        Assert.IsFalse(relay.Lines.TryFind(RelayLines.SetAside, out string? line), line);
        Assert.IsFalse(relay.Lines.TryFind(RelayLines.EndsAtOnce, out line), line);
        await peer.DisposeAsync();
    }

    // The Wills of the devices are held there. What refuses for long is left for another, which may take what this one does not.
    [TestMethod]
    public async Task PUBACK_RefusesEverything_TheSameAddressIsTriedFirst_ThenAnother()
    {
        await using FakeUpstream other = FakeUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", otherAddress: other.Address);
        await relay.PublishAsync("t", [.. Enumerable.Range(0, Backlog).Select(static i => $"{i}")]);

        Task<UpstreamPeer> elsewhere = other.AcceptMqttAsync();
        Task<UpstreamPeer> here = relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        int connections = 0;
        while (await Task.WhenAny(here, elsewhere) == here)
        {
            Assert.IsFalse(await AnswerAsync(await here, ReasonCode.NotAuthorized, [], until: static _ => false));
            connections++;
            here = relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        Assert.AreEqual(8, connections);
        List<string> taken = [];
        Assert.IsTrue(await AnswerAsync(await elsewhere, ReasonCode.Success, taken, until: static all => all.Count == Backlog, withPresence: true));
        await relay.WhenIdleAsync();
    }

    // Others are taken: then it is the messages that are at fault, however many in all.
    [TestMethod]
    public async Task PUBACK_RefusesSomeOfMany_SetAsideAndTheOthersGo()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        for (int i = 0; i < 30; i++)
            await relay.PublishAsync(i % 3 == 0 ? "good" : "bad", $"{i}");
        for (int i = 0; i < 30; i++)
        {
            ReceivedPublish publish = await peer.ReceivePublishAsync();
            await peer.SendAckAsync(PacketType.PubAck, publish.PacketId, publish.Topic == "good" ? ReasonCode.Success : ReasonCode.NotAuthorized);
        }

        await relay.WhenIdleAsync();
        Assert.AreEqual((20, 0, 10L), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count, s.Acknowledged)));
    }

    // A rule that allows one topic: what is allowed comes through behind more refused messages than are believed at once.
    [TestMethod]
    public async Task PUBACK_RefusesManyInARowAndTakesTheNext_TheNextArrives()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", l => l.RelayInflightMax = 50);
        for (int i = 0; i < 40; i++)
            await relay.PublishAsync("bad", $"{i}");
        await relay.PublishAsync("good", "at last");

        List<string> good = [];
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        while (!await AnswerAsync(peer, ReasonCode.NotAuthorized, good, static all => all.Count == 1, takes: "good", withPresence: true))
            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);

        await relay.PublishAsync("good", "behind them");
        Assert.IsTrue(await AnswerAsync(peer, ReasonCode.NotAuthorized, good, static all => all.Count == 2, takes: "good"));
        await relay.WhenIdleAsync();
        Assert.AreEqual((40, 0), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count)));
    }

    [TestMethod]
    public async Task SetAsidesAreFull_NothingDroppedAndTheRelayStands_GoesOnWhenAPersonMakesRoom()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", l => (l.RelayInflightMax, l.RelayAsideMessagesMax) = (4, 2), disk: new MemoryStorage());
        const int Pairs = 12;
        for (int i = 0; i < Pairs; i++)
        {
            await relay.PublishAsync("bad", $"bad {i}");
            await relay.PublishAsync("good", $"good {i}");
        }

        List<string> good = [];
        for (int connections = 0; good.Distinct().Count() < Pairs; connections++)
        {
            Assert.IsLessThan(40, connections, "it stands for good");
            _ = await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.NotAuthorized, good, static _ => false, takes: "good");
        }

        Assert.AreEqual((2, Pairs - 2, 0L), (relay.Look(s => s.Buffer.SetAsides.Count), relay.Look(s => s.Buffer.Count), relay.Gateway.Counters.Dropped(DropReason.AsideFull)));
        Assert.IsTrue(relay.Lines.TryFind(RelayLines.AsideFull, out _));

        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        for (int round = 0, dropped = 0; dropped < Pairs; round++)
        {
            Assert.IsLessThan(40, round, "it stands for good, with room");
            dropped += relay.Look(s => s.Buffer.SetAsides.All.Select(static a => a.Number).ToArray().Count(s.Buffer.TryDropAside));
            string behind = $"behind them {round}";
            await relay.PublishAsync("good", behind);
            if (!await AnswerAsync(peer, ReasonCode.NotAuthorized, good, all => all.Contains(behind), takes: "good"))
                peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        Assert.AreEqual(0L, relay.Gateway.Counters.Dropped(DropReason.AsideFull));
        relay.Gateway.AssertLedgerBalances();
    }

    // What ends the connection each time is held, too, where no more may be set aside.
    [TestMethod]
    public async Task SetAsidesAreFull_MessageThatTheUpstreamClosesFor_KeptAndTriedOn()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", l => l.RelayAsideMessagesMax = 1, disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "first");
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);
        await Patience.Until(() => relay.Look(s => s.Buffer.SetAsides.Count) == 1, "the message that is set aside");
        await relay.PublishAsync("t", "bad");
        for (int i = 0; i < 6; i++)
        {
            Assert.IsTrue(await AnswerAsync(peer, ReasonCode.Success, [], static _ => false, stopsAt: "bad"));
            await peer.DisposeAsync();
            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        Assert.AreEqual((1, 1, 0L), (relay.Look(s => s.Buffer.SetAsides.Count), relay.Look(s => s.Buffer.Count), relay.Gateway.Counters.Dropped(DropReason.AsideFull)));
        relay.Gateway.AssertLedgerBalances();
    }

    // The one waits for the answer to the other, which never comes. Each connection began with the one, for ever (seed 8 of the simulation).
    [TestMethod]
    public async Task PUBACK_RefusesOneInFrontOfOneThatTheUpstreamClosesFor_BothSetAside()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", disk: new MemoryStorage());
        await relay.PublishAsync("t", "refused", "bad", "good");
        List<string> seen = [];
        for (int connections = 0; !seen.Contains("good"); connections++)
        {
            Assert.IsLessThan(12, connections, "it goes on for ever");
            UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
            _ = await AnswerAsync(peer, ReasonCode.NotAuthorized, seen, static all => all.Contains("good"), stopsAt: "bad", refuses: "refused", withPresence: true);
            if (!seen.Contains("good"))
                await peer.DisposeAsync();
        }

        await relay.WhenIdleAsync();
        Assert.AreEqual((2, 0), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count)));
        relay.Gateway.AssertLedgerBalances();
    }

    // Some that are refused for what they are when the upstream takes messages again, and none behind them: it is decided all the same.
    [TestMethod]
    public async Task PUBACK_RefusesEverythingAndAFewForGood_TheFewAreSetAsideInTheEnd()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", disk: new MemoryStorage());
        await relay.PublishAsync("t", [.. Enumerable.Range(0, 8).Select(static i => $"{i}")]);
        Assert.IsFalse(await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.NotAuthorized, [], static _ => false));
        List<string> seen = [];
        Assert.IsTrue(await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.NotAuthorized, seen, static all => all.Count == 8, refuses: "7", withPresence: true));
        await relay.WhenIdleAsync();
        Assert.AreEqual((1, 7L), relay.Look(s => (s.Buffer.SetAsides.Count, s.Acknowledged)));
    }

    [TestMethod]
    public async Task PUBACK_RefusesEverythingAndThenTheLastOne_SetAsideAfterSomeConnections()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        for (int i = 0; i < 7; i++)
        {
            await relay.PublishAsync("t", $"{i}");
            List<string> seen = [];
            Assert.IsTrue(await AnswerAsync(peer, ReasonCode.NotAuthorized, seen, static all => all.Count == 1));
            await Patience.Until(() => relay.Look(s => s.Buffer.SetAsides.Count) == i + 1, "a message that is set aside, for there is no other");
        }

        await relay.PublishAsync("t", "last");
        Assert.IsFalse(await AnswerAsync(peer, ReasonCode.NotAuthorized, [], static _ => false));
        for (int connections = 0; connections < 7; connections++)
            Assert.IsFalse(await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.NotAuthorized, [], static _ => false));
        Assert.AreEqual(7, relay.Look(s => s.Buffer.SetAsides.Count), "it may be the upstream's fault still");
        List<string> once = [];
        Assert.IsTrue(await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.NotAuthorized, once, static all => all.Count == 1, withPresence: true));
        await relay.WhenIdleAsync();
        Assert.AreEqual(8, relay.Look(s => s.Buffer.SetAsides.Count));
    }

    // Their senders are told of a few; the others wait, and go.
    [TestMethod]
    public async Task PUBACK_RefusesEverything_CommandsWaitToo()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", l => l.RelayInflightMax = 4, disk: new MemoryStorage());
        TestClient app = await relay.Gateway.ConnectAsync("");
        for (int i = 0; i < 30; i++)
            await app.PublishAsync("dm/p2p/far", $$"""{"id":"{{i}}","cmd":"relay.set"}""", QoS.AtLeastOnce);
        for (int connections = 0; connections < 5; connections++)
            Assert.IsFalse(await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.NotAuthorized, [], static _ => false));
        long dropped = relay.Gateway.Counters.Dropped(DropReason.UpstreamRefused);
        Assert.IsLessThanOrEqualTo(8, dropped);

        HashSet<string> taken = [];
        Assert.IsTrue(await AnswerAsync(await relay.Upstream.AcceptMqttAsync(sessionPresent: true), ReasonCode.Success, taken, all => all.Count == 30 - dropped, withPresence: true));
        await relay.WhenIdleAsync();
        Assert.AreEqual((0, 0), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count)));
        relay.Gateway.AssertLedgerBalances();
    }

    // There never is room for it: then it is gone, and counted.
    [TestMethod]
    [DataRow(0, 1_000_000)]
    [DataRow(1_000, 10)]
    public async Task SetAside_NeverHasRoom_DroppedAndCounted(int messagesMax, int bytesMax)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", l => (l.RelayAsideMessagesMax, l.RelayAsideBytesMax) = (messagesMax, bytesMax), disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "one");
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.TopicNameInvalid);
        await relay.WhenIdleAsync();
        Assert.AreEqual((0, 1L), (relay.Look(s => s.Buffer.SetAsides.Count), relay.Gateway.Counters.Dropped(DropReason.AsideFull)));
        relay.Gateway.AssertLedgerBalances();
    }

    // Answers each packet until the relay closes: false; or until all have come that are to come, or one that gets no answer.
    private static async Task<bool> AnswerAsync(UpstreamPeer peer, ReasonCode reason, ICollection<string> seen, Func<ICollection<string>, bool> until, string takes = "", string stopsAt = "", string refuses = "", bool withPresence = false)
    {
        bool hasPresence = false;
        while (!until(seen) || (withPresence && !hasPresence))
        {
            if (await peer.TryReceiveAsync() is not { } packet)
                return false;
            Task answered;
            if (packet.Type == PacketType.PingReq)
            {
                answered = peer.SendAsync([0xD0, 0]);
            }
            else
            {
                ReceivedPublish publish = ReceivedPublish.From(packet, ProtocolVersion.V5);
                if (publish.Payload == stopsAt)
                    return true;
                bool isOwn = publish.Topic == "presence/gw";
                hasPresence |= isOwn;
                bool isTaken = isOwn || publish.Topic == takes || (refuses.Length > 0 && publish.Payload != refuses);
                if (!isOwn && (takes.Length == 0 || isTaken))
                    seen.Add(publish.Payload);
                answered = peer.SendAckAsync(PacketType.PubAck, publish.PacketId, isTaken ? ReasonCode.Success : reason);
            }

            try
            {
                await answered;
            }
            catch (IOException)
            {
                return false; // the relay has closed
            }
        }

        return true;
    }
}
