namespace DeviceMqtt.Simulator;

/// <summary>Which mishap comes next, and when: the same for the same seed.</summary>
internal sealed class MishapPlan
{
    private readonly Random _random;
    private readonly MishapOptions _options;
    private readonly double[] _perSecond;

    public MishapPlan(MishapOptions options, int seed)
    {
        _options = options;
        _random = new Random(seed);
        _perSecond = [Rate(options.WifiDropEvery), Rate(options.RebootEvery), Rate(options.BrownOutEvery)];
    }

    /// <summary>The next mishap, and how long after the one before; null if there is none.</summary>
    public (TimeSpan After, Mishap What)? Next()
    {
        double all = _perSecond.Sum();
        if (all == 0)
            return null;
        // Independent events at constant rates: the pause is exponential, and which it is falls to each by its rate.
        TimeSpan after = TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) / all);
        double which = _random.NextDouble() * all;
        int index = 0;
        while (index < _perSecond.Length - 1 && which >= _perSecond[index])
            which -= _perSecond[index++];
        return (after, (Mishap)index);
    }

    /// <summary>Whether the board learns the time in its next boot.</summary>
    public bool NextHasClock() => _random.NextDouble() >= _options.NoClockShare;

    private static double Rate(TimeSpan? every) => every is { } mean ? 1 / mean.TotalSeconds : 0;
}
