using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Snapshots;

/// <content>Known devices, and who has them.</content>
internal sealed partial class SnapshotWriter
{
    private int WriteDevice(string clientId, bool isReachable)
    {
        int records = WriteKnown(clientId);
        if (broker.Mailboxes.RoleOf(clientId) is { } role)
        {
            _record.Start(RecordKind.RoleIs).Add(clientId).Add((byte)role);
            records += Finish();
        }

        if (!isReachable)
            return records;
        _record.Start(RecordKind.DeviceReachable).Add(clientId);
        return records + Finish();
    }

    // Who has the device is behind all others that are subscribed for it, the gateway itself too: all that was written before was in no order.
    private int WriteOrder(string clientId)
    {
        (List<Subscription> claims, bool isHere) = broker.GatewaysBelow.OrderOf(clientId);
        int records = 0;
        foreach (Subscription claim in claims)
            if (claim.Subscriber is Session { IsOnDisk: true } session && IsThere(session))
            {
                _ = SubscriptionRecord.Of(claim, owedUpTo: null).Write(_record);
                records += Finish();
            }

        return isHere && broker.Mailboxes.IsKnown(clientId) ? records + WriteKnown(clientId) : records;
    }

    private int WriteKnown(string clientId)
    {
        _record.Start(RecordKind.DeviceKnown).Add(clientId).AddUser(broker.Mailboxes.UserOf(clientId));
        return Finish();
    }
}
