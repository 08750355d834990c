using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Snapshots;

/// <content>Upstreams, and what is known of them since a restore.</content>
internal sealed partial class SnapshotWriter
{
    // Before all else: nothing that follows is of a backup, but what says so.
    private int WriteRestore(string? restore)
    {
        int records = 0;
        if (restore is not null)
        {
            _ = RestoredRecord.Write(_record, RestoredRecord.Restored, restore);
            records = Finish();
        }

        foreach ((string upstream, IUpstreamBacklog backlog) in broker.Upstreams.Backlogs)
        {
            if (backlog.HasOldIdentifiers)
                continue;
            _ = RestoredRecord.Write(_record, RestoredRecord.BeganAnew, RestoredRecord.TextOf(DropOwner.Upstream(upstream), backlog.Where));
            records += Finish();
        }

        return records;
    }

    private IEnumerable<int> WriteBacklog(string upstream, IUpstreamBacklog backlog)
    {
        // Before the queue, for an operator may have what was set aside wait again; and behind it, for what waited may be in flight by then.
        yield return WriteTaken(upstream, backlog);
        foreach (int records in WriteHeld(upstream, backlog.WaitingInOrder()))
            yield return records;
        yield return WriteTaken(upstream, backlog);
    }

    // At most RelayInflightMax and RelayAsideMessagesMax of them.
    private int WriteTaken(string upstream, IUpstreamBacklog backlog)
    {
        int records = 0;
        foreach (QueuedMessage queued in backlog.Taken())
            records += WriteHeld(upstream, queued);
        foreach ((QueuedMessage queued, ushort packetId, bool isReceived) in backlog.InFlightInOrder())
            if (Entry.IsOnDisk(queued.Entry))
                records += WriteSent(queued.Entry, packetId, queued.QoS, isReceived);
        foreach (ushort packetId in backlog.GivenUp())
            records += WriteGivenUp(InboundOwner.OfUpstream(upstream), packetId);
        foreach ((QueuedMessage queued, AsideReason why) in backlog.Aside())
            records += WriteAside(queued, why);
        return records;
    }

    private int WriteAside(in QueuedMessage queued, AsideReason why)
    {
        if (!Entry.IsOnDisk(queued.Entry))
            return 0;
        _record.Start(RecordKind.SetAside).Add(queued.Entry).Add(why.Value);
        return Finish();
    }
}
