namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// What sending to the clients of one user, or to all, takes of the time of the turn, and those of its outputs that wait for a later one (<see cref="Sends"/>). Owned by the turn.
/// </summary>
/// <param name="percent">Of the time.</param>
internal sealed class SendShare(int percent)
{
    private const int BurstUs = 2_000; // chosen: a slice; some hundred sends
    private const int DebtUsMax = 20_000; // chosen: nobody waits for longer, also where the process stood still in a send
    private const int Percent = 100;
    private readonly Queue<(IFlushed Output, long SinceUs)> _late = new();
    private long _freeAtUs; // by then what was had of the time is the share

    /// <summary>What was written for some waits.</summary>
    public bool HasLate => _late.Count > 0;

    /// <summary>Microseconds of the clock since which the first waits; there must be one.</summary>
    public long LateSinceUs => _late.Peek().SinceUs;

    /// <summary>Sends since the last look at the clock.</summary>
    public int Sent { get; set; }

    /// <summary>It has had more than its share.</summary>
    /// <param name="nowUs">Microseconds of the clock.</param>
    public bool IsUsedUp(long nowUs) => _freeAtUs - nowUs > BurstUs;

    /// <summary>Sends have taken so long.</summary>
    /// <param name="nowUs">Microseconds of the clock, behind them.</param>
    /// <param name="us">Microseconds.</param>
    public void Charge(long nowUs, long us) => _freeAtUs = Math.Min(Math.Max(_freeAtUs, nowUs) + (us * Percent / percent), nowUs + DebtUsMax);

    /// <summary>What was written for it leaves later, behind those that wait already.</summary>
    public void Wait(IFlushed output, long nowUs) => _late.Enqueue((output, nowUs));

    /// <summary>The next of those that wait.</summary>
    public IFlushed Next() => _late.Dequeue().Output;
}
