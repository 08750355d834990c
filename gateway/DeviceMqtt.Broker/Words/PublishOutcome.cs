namespace DeviceMqtt.Broker.Words;

/// <summary>What a publisher is told.</summary>
internal enum PublishOutcome : byte
{
    Accepted,

    /// <summary>Accepted, and nobody wants it (5.0 reason 0x10).</summary>
    NoSubscribers,

    /// <summary>P2P, and neither the queue nor the mailbox of the one it is for can take it: dropped and counted (5.0 reason 0x97).</summary>
    NoRoom,
}
