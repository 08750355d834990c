using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Ports;

/// <summary>What the broker does with a custody of any kind: nothing is dropped without being counted.</summary>
internal static class CustodyRules
{
    /// <summary>Of a reply that repeats one whose record may still be on its way to the disk.</summary>
    public static Kept KeptSoFar(this ICustody custody) => Kept.At(custody.LastPosition);

    /// <summary>The custody of a message ends with its loss, which is counted.</summary>
    public static void Drop(this ICustody custody, in DropOwner owner, long entry, Message? message, DropReason reason)
    {
        custody.CountDrop(owner, entry, message, reason);
        custody.Settle(entry, message, Outcome.Drop(reason));
    }

    /// <summary>Counts a message that is lost, and says so.</summary>
    public static void CountDrop(this ICustody custody, in DropOwner owner, long entry, Message? message, DropReason reason) =>
        custody.Counters.Drop(new Drop(reason, owner, message?.Topic ?? "", message?.ContentBytes ?? 0), message?.TraceNumber ?? 0, entry);

    /// <summary>A message that has just left its list is dropped, and counted.</summary>
    public static void DropWaiting(this ICustody custody, in DropOwner owner, in QueuedMessage queued, DropReason reason)
    {
        custody.Forget(queued.Message);
        custody.Drop(owner, queued.Entry, queued.Message, reason);
    }

    /// <summary>A message that has just left its list is wanted whole.</summary>
    /// <returns>False when it expired, or cannot be read any more: it is dropped and counted.</returns>
    public static bool TryTake(this ICustody custody, in DropOwner owner, ref QueuedMessage queued, long nowMs)
    {
        if (queued.Message.IsExpired(nowMs))
        {
            custody.DropWaiting(owner, queued, DropReason.Expired);
            return false;
        }

        if (custody.Take(queued.Message) is not { } whole)
        {
            custody.Drop(owner, queued.Entry, queued.Message, DropReason.Damaged);
            return false;
        }

        queued = queued with { Message = whole };
        return true;
    }
}
