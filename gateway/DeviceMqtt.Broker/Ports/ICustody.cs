using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Ports;

/// <summary>
/// Keeps what an acknowledgement promises beyond the process, and the account of it. Every change of state that must outlive
/// the process is one call here, made where the change is made.
/// <list type="bullet">
/// <item>What an acknowledgement may depend on returns a <see cref="Kept"/>, which is never thrown away. Where there was no room nothing
/// has changed. What returns none is lazy: losing it costs a redelivery at most.</item>
/// <item>A message is kept once however many wait for it; it goes with the last.</item>
/// </list>
/// Owned by the turn. <see cref="Defaults.NoCustody"/> keeps nothing.
/// </summary>
internal interface ICustody
{
    BrokerCounters Counters { get; }

    /// <summary>Something is kept at all.</summary>
    bool IsOn { get; }

    /// <summary>There is no room: no new messages and Sessions that would have to be kept.</summary>
    bool IsFull { get; }

    /// <summary>There is no room now for a message of so many bytes (<see cref="Publication.ContentBytes"/>), though there may be for smaller ones.</summary>
    bool IsFullFor(int contentBytes);

    /// <summary>A message of so many bytes could be kept if nothing else was. Without that it is refused for good: it would come again and again.</summary>
    bool CanEverHold(int contentBytes);

    /// <summary>Everything kept until now is kept when this position is durable.</summary>
    long LastPosition { get; }

    /// <summary>The entry that was held last; 0 before the first.</summary>
    long LastEntry { get; }

    /// <summary>Told, inside a turn, how the custody of an entry ended. What it holds then is no <see cref="LastEntry"/>.</summary>
    Action<long, Outcome>? Settled { get; set; }

    /// <summary>Whether the end of an entry is to be told to somebody: what <see cref="Settled"/> holds of that is durable with the end, or neither is.</summary>
    Func<long, bool>? IsOwed { get; set; }

    /// <summary>What is kept until <see cref="EndFrame"/> is durable together or not at all (<see cref="FrameOfPacket"/>).</summary>
    void BeginFrame();

    void EndFrame();

    // ---- Messages

    /// <summary>A list for messages that wait, in as much memory as the custody gives them.</summary>
    IWaitingList NewWaitingList();

    /// <summary>A message has left its list and is wanted whole.</summary>
    /// <returns>Null when it cannot be read any more.</returns>
    Message? Take(Message message);

    /// <summary>A message has left its list, and its content is not needed.</summary>
    void Forget(Message message);

    /// <summary>A message that goes on waiting, whole.</summary>
    /// <returns>Null when it cannot be read any more.</returns>
    Message? Read(Message message);

    /// <summary>A message waits for an owner from now on, until <see cref="Settle"/>.</summary>
    /// <param name="ledgerClass">Whom it waits for.</param>
    /// <param name="owner">Client Identifier, or the name of the upstream.</param>
    /// <param name="queued">The message, and how it is to be delivered.</param>
    /// <param name="entry">Its number; 0 when it is not kept.</param>
    Kept Hold(LedgerClass ledgerClass, string owner, in QueuedMessage queued, out long entry);

    /// <summary>A message goes out over several turns: it is kept until <see cref="LetGo"/>, so that all for whom it has to wait find it. It is no entry, and waits for nobody; a crash ends that.</summary>
    Kept Grip(Message message);

    /// <summary>It has gone to all. Only where <see cref="Grip"/> has kept it.</summary>
    void LetGo(Message message);

    /// <summary>
    /// An entry is sent under a Packet Identifier. QoS 2: not before that is durable, or the peer could get it twice. After
    /// <see cref="Received"/>: it is sent as a new one. 0: it waits again, and no peer knows that identifier any more; at QoS 0 as if it was never sent, otherwise as
    /// one that its client may have (<see cref="QueuedMessage.WasSent"/>). An entry of 0 is in memory alone;
    /// where the journal has failed a QoS 2 message does not go out without one: its publisher, who gets no acknowledgement, sends it again after the
    /// restart, and it would come twice.
    /// </summary>
    Kept Sent(long entry, ushort packetId, QoS qos);

    /// <summary>PUBREC: PUBREL leaves when that is durable.</summary>
    /// <param name="entry">Its number.</param>
    /// <param name="message">Is needed no longer; null when it is, until PUBCOMP.</param>
    Kept Received(long entry, Message? message);

    /// <summary>The custody of an entry ends.</summary>
    /// <param name="entry">0 for a message that was not kept.</param>
    /// <param name="message">Null after <see cref="Received"/>.</param>
    /// <param name="outcome">What became of it.</param>
    void Settle(long entry, Message? message, Outcome outcome);

    /// <summary>
    /// A QoS 2 message that was sent is not to be delivered any more, and the peer may have its Packet Identifier open: said before its entry is settled. A restart
    /// does not give that to another message, which the peer would take for a repetition, and sends PUBREL for it.
    /// </summary>
    /// <param name="peer">A client or an upstream.</param>
    /// <param name="packetId">The identifier.</param>
    /// <param name="isOpen">False when PUBREL is answered, or the peer has lost its Session.</param>
    void GivenUp(in DropOwner peer, ushort packetId, bool isOpen);

    /// <summary>
    /// A client or an upstream has forgotten all Packet Identifiers that it had in use when the gateway was restored from a backup, or has begun anew: those that are in use since mean the same
    /// to both. Where there is no room for that it is told once more after a restart.
    /// </summary>
    /// <param name="peer">A client or an upstream.</param>
    /// <param name="where">Which upstream of that name; empty for a client.</param>
    Kept BeganAnew(in DropOwner peer, string where = "");

    /// <summary>
    /// Somebody does not want an entry delivered that waits, and is told when that is certain: it is dropped and counted. Unlike <see cref="Settle"/> this is
    /// a promise: a restart that brought it back would break it. Without room for that, or where the journal has failed, nothing has changed.
    /// </summary>
    /// <param name="owner">For whom it waits.</param>
    /// <param name="queued">What waits.</param>
    /// <param name="reason">Why it goes.</param>
    Kept Withdraw(in DropOwner owner, in QueuedMessage queued, DropReason reason);

    /// <summary>
    /// What waits for a client has another place from now on: its mailbox, its Session, or a Session that has ended; or what was set aside
    /// for an upstream waits for it again. Nothing is kept of that; whoever is going through all that waits looks there once more.
    /// </summary>
    /// <param name="owner">Client Identifier, or the name of the upstream.</param>
    void HasMoved(string owner);

    /// <summary>What becomes of an entry is to be told to somebody, after a restart too. Said again, it replaces what was said.</summary>
    void ReceiptOwed(long entry, in OwedReceipt owed);

    // ---- Retained messages

    /// <summary>A message is the retained one of its topic from now on.</summary>
    Kept Retain(Message message);

    /// <summary>A message is not retained any more: it was cleared, or <paramref name="isReplaced"/> by the one retained just before.</summary>
    Kept Unretain(Message message, bool isReplaced);

    /// <summary>A retained message of a recovery.</summary>
    void ResumeRetained(Message message);

    // ---- Sessions

    /// <summary>A Session that outlives its connection begins, or its terms have changed.</summary>
    Kept SessionBegan(string clientId, in UserIdentity user, uint expirySeconds, bool isBridge);

    void SessionLeft(string clientId, uint expirySeconds);

    Kept SessionEnded(string clientId);

    /// <param name="subscription">A new one, or in place of that with the same filter.</param>
    /// <param name="owedUpTo">
    /// It is owed the retained messages up to this number, from the first; null where it asks for none: the rest of what it was owed before stays owed.
    /// </param>
    Kept Subscribed(Subscription subscription, long? owedUpTo);

    /// <summary>A retained message that is owed to a subscription is given at QoS 2, in one frame with its entry: it is not owed any more.</summary>
    Kept RetainedGiven(Subscription subscription, long number);

    /// <summary>A subscription has all the retained messages that it was owed.</summary>
    void RetainedAllGiven(Subscription subscription);

    Kept Unsubscribed(string clientId, TopicFilter filter);

    /// <summary>A QoS 2 Packet Identifier of a client is in use, so that the message is not published twice.</summary>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="packetId">The Packet Identifier.</param>
    /// <param name="content">A hash of the topic and payload that came under it: another message under it is none that comes again.</param>
    Kept InboundOpened(string clientId, ushort packetId, uint content);

    Kept InboundClosed(string clientId, ushort packetId);

    /// <summary>The same of an upstream.</summary>
    Kept UpstreamInboundOpened(string upstream, ushort packetId, uint content);

    Kept UpstreamInboundClosed(string upstream, ushort packetId);

    // ---- Devices and Wills

    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="user">Who had it let in: what waited before is another's, where that is another one.</param>
    void DeviceKnown(string clientId, in UserIdentity user);

    void DeviceForgotten(string clientId);

    /// <summary>
    /// An operator has a client forgotten: its Session ends, and what waits for it by now, or is in flight to it, is for nobody. That is settled one by one, and a restart before that is done settles the rest: whoever has
    /// asked is told that it is done, and what came back would be carried out by a new device.
    /// </summary>
    /// <returns>Nothing is forgotten where there was no room.</returns>
    Kept ClientForgotten(string clientId);

    /// <summary>The Will that a client has now; null for none, or no more. Published after a restart that the client was not seen to leave before.</summary>
    /// <returns>Without room what was there before stays.</returns>
    Kept WillIs(in ClientIdentity client, WillMessage? will);

    // ---- What an upstream does not take

    /// <summary>An entry is not sent any more, until <see cref="TakenBack"/>: the upstream does not take it.</summary>
    /// <param name="entry">Its number.</param>
    /// <param name="why">What it is known by (<see cref="AsideReason"/>).</param>
    void SetAside(long entry, AsideReason why);

    /// <summary>An entry that was set aside waits again.</summary>
    void TakenBack(long entry);

    /// <summary>A known device is to be reached from upstream, too, until it is forgotten.</summary>
    void DeviceReachable(string clientId);

    /// <summary>A known client was let in with this role, the last time: until it is back, that is what it is after a restart, too.</summary>
    void RoleIs(string clientId, ClientRole role);
}
