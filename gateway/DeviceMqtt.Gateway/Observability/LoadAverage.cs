namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// How much of something happens in a minute, averaged over the last 1, 5 and 15 minutes: exponentially decaying, as the
/// load averages of Unix and the <c>$SYS/broker/load</c> topics of mosquitto are.
/// </summary>
internal sealed class LoadAverage
{
    private static readonly double[] MinutesOf = [1, 5, 15];
    private readonly double[] _averages = new double[MinutesOf.Length];
    private long _last;

    /// <summary>Events in a minute, over the last 1 (index 0), 5 (1) and 15 (2) minutes.</summary>
    public double this[int index] => _averages[index];

    /// <summary>Takes in what was counted since the last call.</summary>
    /// <param name="total">The count since the start.</param>
    /// <param name="seconds">Since the last call; more than 0.</param>
    public void Add(long total, double seconds)
    {
        double perMinute = (total - _last) * 60 / seconds;
        _last = total;
        for (int i = 0; i < _averages.Length; i++)
        {
            double kept = Math.Exp(-seconds / (60 * MinutesOf[i]));
            _averages[i] = (_averages[i] * kept) + (perMinute * (1 - kept));
        }
    }
}
