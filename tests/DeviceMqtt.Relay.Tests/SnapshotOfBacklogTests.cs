using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Custody.Snapshots;
using DeviceMqtt.Journal;
using DeviceMqtt.Relay.Sending;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A snapshot goes on over many turns, and what waits for an upstream moves on meanwhile: whatever is in custody at its end is in it.</summary>
[TestClass]
internal sealed class SnapshotOfBacklogTests
{
    private const string Upstream = "up";

    // The second leaves its place before the walk comes to it, and stands behind the end of the walk when an operator has it tried again.
    [TestMethod]
    public async Task Snapshot_MessageSetAsideAndTakenBackMeanwhile_IsInIt()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        RelayBuffer buffer = new(gateway.Broker.Limits, gateway.Custody, gateway.Broker.Owners.Nobody[Good.Memory], Upstream, Messages.AnyTopics, gateway.Broker.Turn, static _ => false);
        RecoveredState recovered = gateway.Look(b =>
        {
            b.Upstreams.Backlogs.Add(Upstream, buffer);
            for (int i = 1; i <= 3; i++)
                _ = buffer.Add(Messages.Of("t", $"{i}"));
            SnapshotWriter writer = new(b, gateway.Custody.Ledger, gateway.Custody.Wills);
            gateway.Custody.Moved = writer.HasMoved;
            bool hasMoved = false;
            foreach (int records in writer.Write(gateway.Custody.LastEntryCount, gateway.Custody.Time.Now(), restore: null))
            {
                // The first step of the backlog that has a message: the walk stands before the second.
                if (records == 0 || hasMoved || writer.Written.IndexOf("up"u8) < 0)
                    continue;
                hasMoved = true;
                _ = buffer.TryTake(b.Turn.NowMs, out Message? first);
                _ = buffer.TryTake(b.Turn.NowMs, out Message? second);
                buffer.Release(first!);
                _ = buffer.SetAside(second!, AsideReason.Refused(0x80));
                _ = buffer.TryTakeBack(1);
            }

            Assert.IsTrue(hasMoved);
            RecoveredState state = new();
            state.Snapshot(writer.Written, 0);
            return state;
        });
        CollectionAssert.AreEqual(new long[] { 1, 2, 3 }, recovered.Entries.Select(e => Entry.Count(e.Held.Entry)).Order().ToArray());
    }
}
