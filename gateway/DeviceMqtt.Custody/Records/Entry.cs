using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>The number under which a message waits for one owner: counts up over all restarts, its class in the lowest two bits. 0 is none.</summary>
internal static class Entry
{
    private const int ClassBits = 2;

    public static long Number(long count, LedgerClass ledgerClass) => (count << ClassBits) | (long)ledgerClass;

    public static long Count(long entry) => entry >> ClassBits;

    /// <summary>There are records of it. 0 is none, and what is volatile has none.</summary>
    public static bool IsOnDisk(long entry) => entry != 0 && ClassOf(entry) != LedgerClass.Volatile;

    public static LedgerClass ClassOf(long entry) => (LedgerClass)(entry & ((1 << ClassBits) - 1));
}
