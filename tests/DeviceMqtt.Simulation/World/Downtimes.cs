namespace DeviceMqtt.Simulation.World;

/// <summary>When a gateway was not there, and how much of a message's waiting it may have missed for that.</summary>
internal sealed class Downtimes
{
    // What was not yet written of the running time: ten seconds on a gateway that writes something (gateway/docs/durability.md, "Time").
    private const long UnwrittenMs = 10_000;

    private readonly List<(long EndMs, long BackMs, bool Power, long UnwrittenMs)> _all = [];

    /// <summary>It went otherwise than by a clean stop at some time: what nobody waits for may not be on the disk.</summary>
    public bool WasKilled => _all.Exists(static d => d.UnwrittenMs > 0);

    /// <param name="endMs">When it went.</param>
    /// <param name="backMs">After which it is back.</param>
    /// <param name="power">With its machine.</param>
    /// <param name="isClean">It was stopped, and has written all that it knew.</param>
    public void Add(long endMs, long backMs, bool power, bool isClean) => _all.Add((endMs, endMs + backMs, power, isClean && !power ? 0 : UnwrittenMs));

    /// <summary>Milliseconds between two moments that it may not have counted: while its machine was off, and what it had not written at each end.</summary>
    public long NotCounted(long fromMs, long toMs) => _all.Where(d => d.BackMs >= fromMs && d.EndMs <= toMs).Sum(d => d.UnwrittenMs + Off(d, fromMs, toMs));

    /// <summary>The same of what goes over power cuts alone.</summary>
    public long NotCountedWithoutPower(long fromMs, long toMs) => _all.Where(d => d.Power && d.BackMs >= fromMs && d.EndMs <= toMs).Sum(d => d.UnwrittenMs + Off(d, fromMs, toMs));

    private static long Off((long EndMs, long BackMs, bool Power, long UnwrittenMs) down, long fromMs, long toMs) =>
        down.Power ? Math.Min(down.BackMs, toMs) - Math.Max(down.EndMs, fromMs) : 0;
}
