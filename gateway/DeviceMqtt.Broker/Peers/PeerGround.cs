using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;

namespace DeviceMqtt.Broker.Peers;

/// <summary>What routing a P2P message stands on.</summary>
/// <param name="Ground">The ground.</param>
/// <param name="Mail">What all mailboxes have in common.</param>
/// <param name="Delivery">Hands a message to a Session.</param>
internal sealed record PeerGround(Ground Ground, MailboxGround Mail, Delivery Delivery);
