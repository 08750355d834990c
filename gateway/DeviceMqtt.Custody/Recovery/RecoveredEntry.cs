using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>A message in custody, as the journal knows it.</summary>
internal sealed class RecoveredEntry(HeldRecord held)
{
    public HeldRecord Held { get; } = held;

    /// <summary>The Packet Identifier it was last sent under; 0 when it was not sent.</summary>
    public ushort PacketId { get; set; }

    /// <summary>The Session that it waited for has ended; there may be a new one of the same client.</summary>
    public bool IsOfEndedSession { get; set; }

    /// <summary>QoS 2: PUBREC came; PUBREL is what goes out again.</summary>
    public bool IsReceived { get; set; }
}
