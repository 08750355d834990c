using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Accounts;

/// <summary>The account of each class of messages in custody.</summary>
internal sealed class Ledger
{
    private readonly LedgerAccount[] _accounts = [new(), new(), new(), new()];

    // Arrays, and written out: lists of enums, and what looks enums up, would be compiled at each start.
    public static LedgerClass[] Classes { get; } = [LedgerClass.Session, LedgerClass.Mailbox, LedgerClass.Relay, LedgerClass.Volatile];

    /// <summary>Those with a record of each message.</summary>
    public static LedgerClass[] ClassesOnDisk { get; } = [LedgerClass.Session, LedgerClass.Mailbox, LedgerClass.Relay];

    public LedgerAccount this[LedgerClass ledgerClass] => _accounts[(int)ledgerClass];

    public bool IsBalanced => _accounts.All(a => a.IsBalanced);
}
