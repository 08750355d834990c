namespace DeviceMqtt.Broker.Words;

/// <summary>Facts about <see cref="DropReason"/>.</summary>
internal static class DropReasons
{
    /// <summary>How many there are; they are numbered without gaps.</summary>
    public static readonly int Count = Enum.GetValues<DropReason>().Length;

    /// <summary>All reasons together.</summary>
    /// <param name="counts">One for each reason.</param>
    public static long Total(ReadOnlySpan<long> counts)
    {
        // A loop: $SYS asks for it at each start, and what LINQ adds up with would be compiled for that.
        long total = 0;
        foreach (long count in counts)
            total += count;
        return total;
    }
}
