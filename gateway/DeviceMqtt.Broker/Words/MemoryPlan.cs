namespace DeviceMqtt.Broker.Words;

/// <summary>What the memory of the process is for, by the limits: the sum of all bounds in bytes. Each part is a bound that the code keeps.</summary>
internal static class MemoryPlan
{
    private const long BytesDefaultMax = 1024L * 1024 * 1024;
    private const long BytesDefaultMin = 16L * 1024 * 1024;

    // Measured on 2026-11-28: the gateway that has just started has 20 MB of managed and native memory of its own under a limit of 128 MB.
    private const long ForTheProcess = 16L * 1024 * 1024;
    private const int LoginBytes = 150;
    private const int FailureBytes = 2 * 32; // of an address, and of a name
    private const int ClientsPart = 4; // what is left for clients is never less than one in so many

    /// <summary>Bytes that the process may have: of the machine, its cgroup, or the limit of the runtime.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What <see cref="GatewayLimits.MemoryBytesMax"/> stands for.</summary>
    public static long Total(GatewayLimits limits) => limits.MemoryBytesMax != 0 ? limits.MemoryBytesMax : Default(Available);

    /// <summary>Half of what there is beside the process itself: a runtime that collects late, and a snapshot or a recovery, need as much again.</summary>
    public static long Default(long availableBytes) => Math.Clamp((availableBytes - ForTheProcess) / 2, BytesDefaultMin, BytesDefaultMax);

    /// <summary>
    /// What a recovery may take for what it reads, and what is made of that meanwhile: all that there is beside the process itself. Beyond, the process would die of it. For a message that waits that
    /// is what the recovery knows of it, its place in the queue, and that in the journal's index.
    /// </summary>
    public static long ForRecovery => Available - ForTheProcess;

    /// <summary>What has bounds of its own, whoever it is for.</summary>
    public static IReadOnlyList<MemoryPart> Fixed(GatewayLimits limits) =>
    [
        new(nameof(GatewayLimits.WaitingMemoryBytesMax), limits.WaitingMemoryBytesMax),
        new(nameof(GatewayLimits.JournalPendingBytesMax), limits.JournalPendingBytesMax),
        new(nameof(GatewayLimits.JournalFullBytesMax), limits.JournalFullBytesMax),
        new(nameof(GatewayLimits.RouteCacheBytesMax), limits.RouteCacheBytesMax),
        new(nameof(GatewayLimits.RelayAsideBytesMax), limits.RelayAsideBytesMax),
        new(nameof(GatewayLimits.LoginsRememberedMax), (long)limits.LoginsRememberedMax * LoginBytes),
        new(nameof(GatewayLimits.LoginFailuresMax), (long)limits.LoginFailuresMax * FailureBytes),
    ];

    /// <summary>Of all parts together.</summary>
    public static long Sum(IReadOnlyList<MemoryPart> parts)
    {
        long sum = 0;
        foreach (MemoryPart part in parts)
            sum += part.Bytes;
        return sum;
    }

    /// <summary>What is left for the accounts of all clients together.</summary>
    public static long ForClients(GatewayLimits limits)
    {
        long total = Total(limits);
        return Math.Max(total / ClientsPart, total - Sum(Fixed(limits)));
    }
}
