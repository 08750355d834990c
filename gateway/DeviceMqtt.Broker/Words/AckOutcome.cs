namespace DeviceMqtt.Broker.Words;

/// <summary>What an acknowledgement of a client means for the flow it belongs to.</summary>
internal enum AckOutcome : byte
{
    /// <summary>No message in flight has this Packet Identifier.</summary>
    Unknown,

    /// <summary>The message is delivered.</summary>
    Complete,

    /// <summary>QoS 2: PUBREL is next.</summary>
    SendPubRel,

    /// <summary>The Packet Identifier waits for another kind of acknowledgement.</summary>
    WrongKind,

    /// <summary>QoS 2: there is no room to keep that PUBREC came; nothing has changed, and there is no PUBREL yet.</summary>
    NoRoom,
}
