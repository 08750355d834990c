namespace DeviceMqtt.Broker.Words;

/// <summary>Facts about <see cref="DropReason"/>.</summary>
internal static class DropReasons
{
    /// <summary>How many there are; they are numbered without gaps. Written down: each start asks, and enums are looked up by reflection.</summary>
    public const int Count = (int)DropReason.DeviceElsewhere + 1;

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
