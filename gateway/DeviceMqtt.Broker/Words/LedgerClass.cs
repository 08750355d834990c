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

    /// <summary>Anybody, in memory alone: its topic is volatile. No such entry is on the disk, only how many there were.</summary>
    Volatile = 3,
}
