namespace DeviceMqtt.Broker.Words;

/// <summary>For whom P2P messages of QoS 1 and 2 wait.</summary>
internal enum MailboxKind : byte
{
    /// <summary>For every client that was here under an identifier of its own, whatever Session it asks for.</summary>
    Registered,

    /// <summary>For a client whose Session outlives its connection.</summary>
    Session,

    /// <summary>For nobody: what cannot be handed over is dropped (<see cref="DropReason.P2PTargetAbsent"/>).</summary>
    Off,
}
