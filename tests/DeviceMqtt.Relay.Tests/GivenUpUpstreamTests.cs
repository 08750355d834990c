using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Sending;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A QoS 2 message was sent to an upstream and is given up. Its Packet Identifier is in use until PUBREL is answered, after restarts too: the upstream would take another message under it for a repetition.</summary>
[TestClass]
internal sealed class GivenUpUpstreamTests
{
    private const string Upstream = "up";

    private static (BrokerOnDisk Gateway, RelayBuffer Buffer) StartOn(MemoryStorage disk, int? snapshotSteps)
    {
        RelayBuffer? buffer = null;
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, snapshotSteps: snapshotSteps, before: g =>
        {
            buffer = new RelayBuffer(g.Broker.Limits, g.Custody, g.Broker.Owners.Nobody[Good.Memory], Upstream, Messages.AnyTopics, g.Broker.Turn, static _ => false);
            g.Broker.Upstreams.Backlogs.Add(Upstream, buffer);
        });
        return (gateway, buffer!);
    }

    private static async Task<(BrokerOnDisk Gateway, RelayBuffer Buffer)> RestartAsync(BrokerOnDisk gateway, int? snapshotSteps)
    {
        gateway.Advance(1);
        await (await gateway.ConnectAsync("last")).PublishAsync("r", "is on the disk", QoS.AtLeastOnce, retain: true);
        return StartOn(await gateway.CrashAsync(), snapshotSteps);
    }

    [TestMethod]
    [DataRow("set aside", null), DataRow("set aside", 1), DataRow("too large", null), DataRow("too large", 1)]
    public async Task Message_GivenUpAndGatewayStartsAgain_ItsIdentifierIsNotGivenToAnother(string why, int? snapshotSteps)
    {
        (BrokerOnDisk gateway, RelayBuffer buffer) = StartOn(new MemoryStorage(), snapshotSteps);
        ushort packetId = gateway.Look(b =>
        {
            ushort sent = Send(buffer, b.Turn.NowMs, "1");
            Message given = buffer.Flow.GiveUp(sent).Message!;
            if (why == "too large")
                buffer.Drop(given, DropReason.LargerThanUpstreamAccepts);
            else
                Assert.IsTrue(buffer.SetAside(given, AsideReason.EndsTheConnection));
            return sent;
        });
        for (int start = 0; start < 3; start++)
            (gateway, buffer) = await RestartAsync(gateway, snapshotSteps);
        gateway.AssertLedgerBalances();
        gateway.Look(b =>
        {
            Assert.AreEqual(0, buffer.Flow.Resume());
            Assert.IsTrue(buffer.Flow.TryTakeDue(out ushort due, out Inflight inflight));
            Assert.AreEqual((packetId, InflightState.AwaitsPubComp), (due, inflight.State));
            Assert.AreNotEqual(packetId, Send(buffer, b.Turn.NowMs, "2"), "the upstream may have it open");
            Assert.AreEqual(AckOutcome.Complete, buffer.Flow.Acknowledge(PacketType.PubComp, packetId, isError: false, out Inflight done, out _));
            Assert.AreEqual(0, done.Entry, "its entry was settled before");
            return true;
        });
        (gateway, buffer) = await RestartAsync(gateway, snapshotSteps);
        Assert.IsEmpty(gateway.Look(_ => buffer.GivenUp().ToArray()));
        gateway.AssertLedgerBalances();
        await gateway.DisposeAsync();
    }

    // Removed from the settings and set again: the upstream has its identifiers open all the time.
    [TestMethod]
    [DataRow(null), DataRow(1)]
    public async Task Upstream_NotSetForAStart_WhatItHasOpenIsKnownWhenItIsSetAgain(int? snapshotSteps)
    {
        (BrokerOnDisk gateway, RelayBuffer buffer) = StartOn(new MemoryStorage(), snapshotSteps);
        gateway.Broker.Upstreams.Inbound[Upstream] = [];
        ushort packetId = gateway.Look(b =>
        {
            b.Custody.UpstreamInboundOpened(Upstream, 7, content: 9).ForNobody();
            b.Upstreams.Inbound[Upstream][7] = 9;
            return Send(buffer, b.Turn.NowMs, "1");
        });
        for (int start = 0; start < 2; start++)
        {
            gateway.Advance(1);
            await (await gateway.ConnectAsync("last")).PublishAsync("r", "is on the disk", QoS.AtLeastOnce, retain: true);
            gateway = BrokerOnDisk.StartOn(await gateway.CrashAsync(), snapshotSteps: snapshotSteps);
        }

        (gateway, buffer) = await RestartAsync(gateway, snapshotSteps);
        gateway.AssertLedgerBalances();
        Assert.IsTrue(gateway.Look(b => b.Upstreams.Inbound[Upstream].TryGetValue(7, out uint? content) && content == 9));
        gateway.Look(b =>
        {
            Assert.AreSequenceEqual([packetId], buffer.GivenUp());
            Assert.AreEqual(1, buffer.Waiting);
            Assert.IsTrue(buffer.HasOldIdentifiers);
            return true;
        });
        await gateway.DisposeAsync();
    }

    private static ushort Send(RelayBuffer buffer, long nowMs, string payload)
    {
        _ = buffer.Add(Messages.Of("t", payload));
        Assert.IsTrue(buffer.TryTake(nowMs, out Message? message));
        _ = buffer.Flow.Begin(new QueuedMessage(message!, QoS.ExactlyOnce, Retain: false, Identifiers: null, buffer.EntryOf(message!)), QoS.ExactlyOnce, keep: true, isFollowed: false, out ushort packetId);
        return packetId;
    }
}
