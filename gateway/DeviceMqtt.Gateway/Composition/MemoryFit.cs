using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// What the gateway may have in memory has to fit the machine: bounds that have their defaults are lowered where the sum of all would be more than
/// <see cref="GatewayLimits.MemoryBytesMax"/>, and the sum is said. What is noted for people is beside that, and comes off its default.
/// </summary>
internal static class MemoryFit
{
    // Chosen: none of what is not for clients has more than an eighth, so that half and more is for them.
    private const int Part = 8;
    private const int SmallPart = 16;

    /// <summary>Lowers the bounds in bytes of memory that have their defaults.</summary>
    /// <param name="limits">Changed where they promise more.</param>
    /// <param name="console">The same; null where nothing is noted for a console.</param>
    /// <param name="trace">The same.</param>
    /// <returns>A sentence that says what was lowered; null when all fits.</returns>
    public static string? Fit(GatewayLimits limits, ConsoleOptions? console, TraceOptions trace)
    {
        GatewayLimits defaults = new();
        bool isDefault = limits.MemoryBytesMax == 0;
        limits.MemoryBytesMax = MemoryPlan.Total(limits);
        List<string> said = [];
        if (console is not null)
            Lower("Console", nameof(ConsoleOptions.ReadingsBytesMax), console.ReadingsBytesMax, new ConsoleOptions().ReadingsBytesMax, Part, bytes => console.ReadingsBytesMax = (int)bytes);
        Lower("Trace", nameof(TraceOptions.BytesMax), trace.BytesMax, new TraceOptions().BytesMax, SmallPart, bytes => trace.BytesMax = (int)bytes);
        Lower("Trace", nameof(TraceOptions.KeptBytesMax), trace.KeptBytesMax, new TraceOptions().KeptBytesMax, SmallPart, bytes => trace.KeptBytesMax = (int)bytes);
        if (isDefault)
            limits.MemoryBytesMax = Math.Max(limits.MemoryBytesMax / 2, limits.MemoryBytesMax - MemoryPlan.Sum(Noted(console, trace)));

        Lower("Limits", nameof(GatewayLimits.WaitingMemoryBytesMax), limits.WaitingMemoryBytesMax, defaults.WaitingMemoryBytesMax, Part, bytes => limits.WaitingMemoryBytesMax = bytes);
        Lower("Limits", nameof(GatewayLimits.JournalPendingBytesMax), limits.JournalPendingBytesMax, defaults.JournalPendingBytesMax, Part, bytes => limits.JournalPendingBytesMax = bytes);
        Lower("Limits", nameof(GatewayLimits.JournalFullBytesMax), limits.JournalFullBytesMax, defaults.JournalFullBytesMax, SmallPart, bytes => limits.JournalFullBytesMax = (int)bytes);
        Lower("Limits", nameof(GatewayLimits.RouteCacheBytesMax), limits.RouteCacheBytesMax, defaults.RouteCacheBytesMax, SmallPart, bytes => limits.RouteCacheBytesMax = (int)bytes);
        Lower("Limits", nameof(GatewayLimits.RelayAsideBytesMax), limits.RelayAsideBytesMax, defaults.RelayAsideBytesMax, SmallPart, bytes => limits.RelayAsideBytesMax = (int)bytes);
        Lower("Limits", nameof(GatewayLimits.OutputBytesMax), limits.OutputBytesMax, defaults.OutputBytesMax, SmallPart, bytes => limits.OutputBytesMax = (int)bytes);
        Lower("Limits", nameof(GatewayLimits.InflightBytesMax), limits.InflightBytesMax, defaults.InflightBytesMax, SmallPart * 2, bytes => limits.InflightBytesMax = (int)bytes);
        return said.Count == 0 ? null : $"Limits:MemoryBytesMax is {limits.MemoryBytesMax}: {string.Join(", ", said)}";

        void Lower(string section, string name, long value, long byDefault, int part, Action<long> set)
        {
            long most = limits.MemoryBytesMax / part;
            if (value != byDefault || value <= most)
                return;
            set(most);
            said.Add($"{section}:{name} is {most} instead of {value}");
        }
    }

    /// <summary>The sum of all bounds, in one line.</summary>
    public static string Sum(GatewayLimits limits, ConsoleOptions? console, TraceOptions trace)
    {
        long clients = MemoryPlan.ForClients(limits);
        IReadOnlyList<MemoryPart> parts = [.. MemoryPlan.Fixed(limits), .. Arriving(limits, hasHttp: console is not null), .. Noted(console, trace)];
        string others = string.Join(", ", parts.Select(static part => $"{part.Name} {Megabytes(part.Bytes)}"));
        return $"memory: at most {Megabytes(clients + MemoryPlan.Sum(parts))} MB of {Megabytes(MemoryPlan.Available)} MB for what clients make the gateway keep: {Megabytes(clients)} for their accounts (a user or address {Megabytes(clients * limits.SharePercentMax / 100)}), {others}";
    }

    // What nobody answers for yet: requests and handshakes of strangers; and the few long bodies of who was let in, and answers that nobody has taken yet.
    private static IReadOnlyList<MemoryPart> Arriving(GatewayLimits limits, bool hasHttp) =>
    [
        new(nameof(GatewayLimits.HandshakesMax), (long)limits.HandshakesMax * ClientHello.BytesMax),
        .. hasHttp ? (MemoryPart[])[new(nameof(GatewayLimits.HttpConnectionsMax), (HttpSeats.ConnectionsMax(limits) * HttpFront.BytesOfOneMax) + RequestBodies.LongBytesMax(limits)), new("Answers", AnswerRoom.BytesMax(limits))] : [],
    ];

    /// <summary>What is noted for people, beside what is kept for clients.</summary>
    public static IReadOnlyList<MemoryPart> Noted(ConsoleOptions? console, TraceOptions trace) =>
        [new("Trace", (long)trace.BytesMax + trace.KeptBytesMax), .. console is null ? [] : (MemoryPart[])[new("Console", new NotedBytes(console.ReadingsBytesMax).All)]];

    private static string Megabytes(long bytes) => (bytes / (1024.0 * 1024)).ToString("F1", System.Globalization.CultureInfo.InvariantCulture);
}
