using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Broker.Ports;

/// <summary>What waits for one upstream, as far as a custody has to know: all of it for a snapshot, and each message back after a restart. Owned by the turn.</summary>
internal interface IUpstreamBacklog
{
    /// <summary>Everything in custody, in the order in which it is to leave.</summary>
    IEnumerable<QueuedMessage> All();

    /// <summary>A message of a recovery, whole, at the end.</summary>
    void Restore(in QueuedMessage queued);
}
