using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// What the gateway may have in memory has to fit the machine: bounds that have their defaults are lowered where the sum of all would be more than
/// <see cref="GatewayLimits.MemoryBytesMax"/>, and the sum is said.
/// </summary>
internal static class MemoryFit
{
    // Chosen: none of what is not for clients has more than an eighth, so that half and more is for them.
    private const int Part = 8;
    private const int SmallPart = 16;

    /// <summary>Lowers the bounds in bytes of memory that have their defaults.</summary>
    /// <param name="limits">Changed where they promise more.</param>
    /// <returns>A sentence that says what was lowered; null when all fits.</returns>
    public static string? Fit(GatewayLimits limits)
    {
        GatewayLimits defaults = new();
        limits.MemoryBytesMax = MemoryPlan.Total(limits);
        List<string> said = [];
        Lower(nameof(GatewayLimits.WaitingMemoryBytesMax), limits.WaitingMemoryBytesMax, defaults.WaitingMemoryBytesMax, Part, bytes => limits.WaitingMemoryBytesMax = bytes);
        Lower(nameof(GatewayLimits.JournalPendingBytesMax), limits.JournalPendingBytesMax, defaults.JournalPendingBytesMax, Part, bytes => limits.JournalPendingBytesMax = bytes);
        Lower(nameof(GatewayLimits.JournalFullBytesMax), limits.JournalFullBytesMax, defaults.JournalFullBytesMax, SmallPart, bytes => limits.JournalFullBytesMax = (int)bytes);
        Lower(nameof(GatewayLimits.RouteCacheBytesMax), limits.RouteCacheBytesMax, defaults.RouteCacheBytesMax, SmallPart, bytes => limits.RouteCacheBytesMax = (int)bytes);
        Lower(nameof(GatewayLimits.RelayAsideBytesMax), limits.RelayAsideBytesMax, defaults.RelayAsideBytesMax, SmallPart, bytes => limits.RelayAsideBytesMax = (int)bytes);
        Lower(nameof(GatewayLimits.OutputBytesMax), limits.OutputBytesMax, defaults.OutputBytesMax, SmallPart, bytes => limits.OutputBytesMax = (int)bytes);
        Lower(nameof(GatewayLimits.InflightBytesMax), limits.InflightBytesMax, defaults.InflightBytesMax, SmallPart * 2, bytes => limits.InflightBytesMax = (int)bytes);
        return said.Count == 0 ? null : $"Limits:MemoryBytesMax is {limits.MemoryBytesMax}: {string.Join(", ", said)}";

        void Lower(string name, long value, long byDefault, int part, Action<long> set)
        {
            long most = limits.MemoryBytesMax / part;
            if (value != byDefault || value <= most)
                return;
            set(most);
            said.Add($"Limits:{name} is {most} instead of {value}");
        }
    }

    /// <summary>The sum of all bounds, in one line.</summary>
    public static string Sum(GatewayLimits limits)
    {
        long clients = MemoryPlan.ForClients(limits);
        IReadOnlyList<(string Name, long Bytes)> parts = MemoryPlan.Fixed(limits);
        string others = string.Join(", ", parts.Select(static part => $"{part.Name} {Megabytes(part.Bytes)}"));
        return $"memory: at most {Megabytes(clients + parts.Sum(static part => part.Bytes))} MB of {Megabytes(MemoryPlan.Available)} MB for what clients make the gateway keep: {Megabytes(clients)} for their accounts (a user or address {Megabytes(clients * limits.SharePercentMax / 100)}), {others}";
    }

    private static string Megabytes(long bytes) => (bytes / (1024.0 * 1024)).ToString("F1", System.Globalization.CultureInfo.InvariantCulture);
}
