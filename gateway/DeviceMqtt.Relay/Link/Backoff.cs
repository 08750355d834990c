namespace DeviceMqtt.Relay.Link;

/// <summary>
/// How long to wait before the next try: doubled from try to try up to a bound, the upper half of it by chance, so that
/// the gateways of a site do not all come back to their upstream in the same moment.
/// </summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Random random)
{
    // A connection that lasted this long was a good one: the next try need not wait. Shorter ones are tried ever more
    // slowly, or two gateways with one Client Identifier would take the link from each other without pause.
    public static readonly TimeSpan GoodConnection = TimeSpan.FromSeconds(5);

    private TimeSpan _bound;

    /// <summary>Between half the bound and the bound.</summary>
    public TimeSpan Next()
    {
        _bound = _bound == default ? min : _bound >= max / 2 ? max : _bound * 2;
        return _bound * (0.5 + (random.NextDouble() / 2));
    }

    /// <summary>The next delay is the shortest again.</summary>
    public void Reset() => _bound = default;
}
