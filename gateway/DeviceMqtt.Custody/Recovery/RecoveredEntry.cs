using System.Runtime.InteropServices;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>A message in custody, as the journal knows it: a copy of what <see cref="RecoveredEntries"/> has.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct RecoveredEntry(HeldRecord held, long heldAt)
{
    public HeldRecord Held { get; } = held;

    /// <summary>The number of the last record that said that it waits for a Session that there is: that it is held, or was sent.</summary>
    public long HeldAt { get; private set; } = heldAt;

    /// <summary>The Packet Identifier it was last sent under; 0 when it was not sent.</summary>
    public ushort PacketId { get; private set; }

    /// <summary>The number of the record that said so, for the order of sending; 0 when it was not sent.</summary>
    public long SentAt { get; private set; }

    /// <summary>Why the upstream does not take it; null when it is to be sent.</summary>
    public AsideReason? Aside { get; set; }

    /// <summary>Whose its Session was, where a snapshot said that it has ended (<see cref="RecoveredState.HasEnded"/>); null where it did not.</summary>
    public FormerUser? OfEndedSession { get; set; }

    /// <summary>QoS 2: PUBREC came; PUBREL is what goes out again.</summary>
    public bool IsReceived { get; set; }

    /// <summary>At which it was sent: towards an upstream it need not be what the publisher chose.</summary>
    public QoS SentQoS { get; set; }

    /// <summary>It is of the backup from which the gateway was restored.</summary>
    public bool IsOfBackup { get; set; }

    /// <summary>All that is known of it is of a backup. Its client knows its Packet Identifier no more; an upstream is not asked before it is there.</summary>
    public void Restored()
    {
        IsOfBackup = true;
        if (Entry.ClassOf(Held.Entry) != LedgerClass.Relay)
            (PacketId, SentAt) = (0, 0);
    }

    /// <inheritdoc cref="QueuedMessage.WasSent"/>
    public readonly bool WasSent => SentQoS != QoS.AtMostOnce && Entry.ClassOf(Held.Entry) == LedgerClass.Mailbox;

    /// <summary>After PUBREC a client's message is needed no longer; an upstream may yet lose its Session.</summary>
    public readonly bool NeedsItsMessage => !IsReceived || Entry.ClassOf(Held.Entry) == LedgerClass.Relay;

    /// <summary>It was sent; with 0 it waits again. Whatever PUBREC was for an earlier time does not count any more.</summary>
    public void Sent(ushort packetId, QoS qos, long at)
    {
        SentQoS = qos;
        // Under the same identifier it has kept its place among the others.
        if (packetId == 0 || packetId != PacketId)
            SentAt = packetId == 0 ? 0 : at;
        PacketId = packetId;
        IsReceived = false;
        if (packetId == 0)
            return;
        // A command that one Session left behind goes out in the next.
        HeldAt = at;
        OfEndedSession = null;
    }

    /// <summary>It is in flight, under that Packet Identifier since that record.</summary>
    public void IsInFlight(ushort packetId, long sentAt) => (PacketId, SentAt) = (packetId, sentAt);
}
