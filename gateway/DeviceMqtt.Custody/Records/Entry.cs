using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>The number under which a message waits for one owner: counts up over all restarts, its class in the lowest two bits. 0 is none.</summary>
internal static class Entry
{
    private const int ClassBits = 2;

    public static long Number(long count, LedgerClass ledgerClass) => (count << ClassBits) | (long)ledgerClass;

    public static long Count(long entry) => entry >> ClassBits;

    public static LedgerClass ClassOf(long entry) => (LedgerClass)(entry & ((1 << ClassBits) - 1));
}
