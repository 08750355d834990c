using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Ports;

/// <summary>What waits for one upstream, as far as a custody has to know: all of it for a snapshot, and each message back after a restart. Owned by the turn.</summary>
internal interface IUpstreamBacklog
{
    /// <summary>Everything in custody: what was set aside, then what is in flight and what waits, in the order in which it is to leave.</summary>
    IEnumerable<QueuedMessage> All();

    /// <summary>Those of them that were set aside or are in flight.</summary>
    IEnumerable<QueuedMessage> Taken();

    /// <summary>Those of them that wait. May be gone through over many turns: what leaves before its turn is not met, what comes may be.</summary>
    IEnumerable<QueuedMessage> WaitingInOrder();

    /// <summary>Those of them that are in flight, in the order in which they were sent.</summary>
    IEnumerable<SentMessage> InFlightInOrder();

    /// <summary>Those of them that the upstream does not take, oldest first.</summary>
    IEnumerable<(QueuedMessage Queued, AsideReason Why)> Aside();

    /// <summary>A message of a recovery, whole, at the end.</summary>
    void Restore(in QueuedMessage queued);

    /// <summary>A message of a recovery that was in flight; in the order in which they were sent.</summary>
    /// <returns>False when its Packet Identifier cannot be used: it is to wait.</returns>
    bool TryRestoreInFlight(in SentMessage sent);

    /// <summary>QoS 2 Packet Identifiers that are still in use although their messages were given up.</summary>
    IEnumerable<ushort> GivenUp();

    /// <summary>Such an identifier of a recovery, behind all that was in flight.</summary>
    void RestoreGivenUp(ushort packetId);

    /// <summary>
    /// The custody does not know that the upstream has begun anew for this gateway: Packet Identifiers that are in use there may stand for messages of which nobody here knows. So it is at first, after
    /// a restore from a backup, and where the upstream had another name, address or Client Identifier (<see cref="Where"/>).
    /// </summary>
    bool HasOldIdentifiers { get; set; }

    /// <summary>A text that is another where the upstream of this name is another, or its Session there.</summary>
    string Where { get; }

    /// <summary>A message of a recovery that was set aside.</summary>
    void RestoreAside(in QueuedMessage queued, AsideReason why);
}
