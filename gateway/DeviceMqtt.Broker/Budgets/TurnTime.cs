namespace DeviceMqtt.Broker.Budgets;

/// <summary>What all who have a share of the time of the turn use of it together. Owned by the turn.</summary>
internal sealed class TurnTime
{
    /// <summary>Chosen: somebody who sends a lot in a moment is not held back for it, and nobody waits for that moment for long.</summary>
    public const long BurstUs = 20_000;

    private const int Percent = 100;

    // Of the time, that all use together. Chosen: below it nobody waits for long, and shares would only leave the time unused.
    private const int ScarcePercent = 50;
    private long _freeAtUs; // by then what all had is ScarcePercent of it

    /// <summary>Microseconds of the turn's clock when some was spent last.</summary>
    public long NowUs { get; private set; }

    /// <summary>Somebody has had some.</summary>
    /// <param name="nowUs">Microseconds of the turn's clock.</param>
    /// <param name="spentUs">Microseconds.</param>
    /// <returns>It is scarce: others want it, too.</returns>
    public bool Spend(long nowUs, long spentUs)
    {
        NowUs = nowUs;
        // What was spent before says whether it is scarce: one turn in which the process stood still, for a collection of its memory, is nobody's doing.
        bool isScarce = _freeAtUs - nowUs > BurstUs;
        _freeAtUs = Math.Min(Math.Max(_freeAtUs, nowUs) + (spentUs * Percent / ScarcePercent), nowUs + (2 * BurstUs));
        return isScarce;
    }
}
