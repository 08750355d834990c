namespace DeviceMqtt.Broker.Words;

/// <summary>Who a message in custody waits for. The values are part of the entry numbers on disk.</summary>
internal enum LedgerClass : byte
{
    /// <summary>A Session that outlives its connection.</summary>
    Session = 0,

    /// <summary>A device that a P2P message names.</summary>
    Mailbox = 1,

    /// <summary>An upstream.</summary>
    Relay = 2,
}
