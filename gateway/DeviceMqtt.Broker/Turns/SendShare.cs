namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// What sending to the clients of one user, or to all, takes of the time of the turn. Who publishes does not choose for how many: a message for five hundred clients is five hundred sends. While all
/// sends take more than half of the time, those to the clients of a user that has had its share wait until it has some again. What is written for them meanwhile leaves together, and a
/// send costs about the same for one message or ten. Owned by the turn.
/// </summary>
/// <param name="percent">Of the time.</param>
internal sealed class SendShare(int percent)
{
    private const int BurstUs = 2_000; // chosen: a slice; some hundred sends
    private const int DebtUsMax = 20_000; // chosen: nobody waits for longer, also where the process stood still in a send
    private const int Percent = 100;
    private readonly Queue<IFlushed> _late = new();
    private long _freeAtUs; // by then what was had of the time is the share

    /// <summary>What was written for some waits.</summary>
    public bool HasLate => _late.Count > 0;

    /// <summary>Those that wait.</summary>
    public IReadOnlyCollection<IFlushed> Late => _late;

    /// <summary>Microseconds of the clock at which it is not used up any more.</summary>
    public long FreeAtUs => _freeAtUs - BurstUs;

    /// <summary>It has had more than its share.</summary>
    /// <param name="nowUs">Microseconds of the clock.</param>
    public bool IsUsedUp(long nowUs) => _freeAtUs - nowUs > BurstUs;

    /// <summary>A send has taken so long.</summary>
    /// <param name="nowUs">Microseconds of the clock, behind it.</param>
    /// <param name="us">Microseconds.</param>
    public void Charge(long nowUs, long us) => _freeAtUs = Math.Min(Math.Max(_freeAtUs, nowUs) + (us * Percent / percent), nowUs + DebtUsMax);

    /// <summary>What was written for it leaves when there is time for it, behind those that wait already.</summary>
    public void Wait(IFlushed output) => _late.Enqueue(output);

    /// <summary>The next of those that wait.</summary>
    public IFlushed Next() => _late.Dequeue();
}
