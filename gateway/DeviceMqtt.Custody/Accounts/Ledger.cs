using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Accounts;

/// <summary>The account of each class of messages in custody.</summary>
internal sealed class Ledger
{
    private readonly LedgerAccount[] _accounts = [new(), new(), new(), new()];

    public static IReadOnlyList<LedgerClass> Classes { get; } = Enum.GetValues<LedgerClass>();

    /// <summary>Those with a record of each message.</summary>
    public static IReadOnlyList<LedgerClass> ClassesOnDisk { get; } = [.. Classes.Where(static c => c != LedgerClass.Volatile)];

    public LedgerAccount this[LedgerClass ledgerClass] => _accounts[(int)ledgerClass];

    public bool IsBalanced => _accounts.All(a => a.IsBalanced);
}
