using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Ports;

/// <summary>
/// Follows single messages: told of each step where it happens. Called inside a turn, several times for each message; must not wait, must not throw
/// and should not allocate. Nobody follows unless <see cref="BrokerCounters.Trace"/> is set, which may be at any turn.
/// <list type="bullet">
/// <item>A message is known by the number that <see cref="Accepted"/> gives it. One that an earlier run of the gateway accepted, or that was on
/// the disk alone, has number 0: it is known by its entry in the custody.</item>
/// <item>An acknowledgement is known by whose it is and by its Packet Identifier.</item>
/// </list>
/// </summary>
internal interface IMessageTrace
{
    /// <summary>The number of a message that is not followed: nothing more is to be noted of it.</summary>
    const uint NotFollowed = uint.MaxValue;

    /// <summary>A message came, from a client, an upstream or the gateway itself.</summary>
    /// <returns>Its number; <see cref="NotFollowed"/> when it is not.</returns>
    uint Accepted(in Publication publication);

    /// <summary>A message that was on the disk alone is read, because it is its turn.</summary>
    /// <returns>0, for it is known by its entry; <see cref="NotFollowed"/> when it is not followed any further.</returns>
    uint Found();

    /// <summary>Its publisher gets PUBACK or PUBREC, as soon as the disk has what that promises.</summary>
    /// <param name="number">Of the message.</param>
    /// <param name="kept">What the acknowledgement waits for.</param>
    /// <param name="code">What it says.</param>
    void Answered(uint number, Kept kept, ReasonCode code);

    /// <summary>The message waits for somebody, or is in custody while it is sent.</summary>
    /// <param name="number">Of the message.</param>
    /// <param name="entry">Its number in the custody; 0 when it is in memory alone.</param>
    /// <param name="owner">For whom.</param>
    /// <param name="ledgerClass">Where it waits.</param>
    /// <param name="position">Where it is in the journal; 0 when it is in memory alone.</param>
    void Held(uint number, long entry, in DropOwner owner, LedgerClass ledgerClass, long position);

    /// <summary>What became of the message on its way to one client or upstream: it went, or waits, or not.</summary>
    void Handed(uint number, long entry, in DropOwner owner, DeliveryResult result, QoS qos, ushort packetId);

    /// <summary>PUBACK, PUBREC or PUBCOMP of a client or an upstream, for a message that is followed.</summary>
    void Acknowledged(in DropOwner owner, PacketType ack, ushort packetId, bool isError);

    /// <summary>
    /// A client's Session ends while messages that are followed are in flight: their Packet Identifiers are free. A P2P message among them waits again; those that
    /// were kept for a later connection are told by <see cref="Dropped"/> before. Of the others nobody will know whether they arrived.
    /// </summary>
    void FlowEnded(in DropOwner owner);

    /// <summary>Its custody ends. Told of those in memory alone, too (entry 0).</summary>
    void Settled(uint number, long entry, Outcome outcome);

    /// <summary>It is dropped, for one or for all.</summary>
    void Dropped(uint number, long entry, in Drop drop);

    /// <summary>Up to here the journal is on disk.</summary>
    void Durable(long position);

    /// <summary>A gateway below tells what became there of a command (the words of <see cref="Wire.Receipt"/>).</summary>
    void ToldBelow(string gateway, ReadOnlySpan<byte> receipt);
}
