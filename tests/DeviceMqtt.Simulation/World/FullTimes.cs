namespace DeviceMqtt.Simulation.World;

/// <summary>When the disk of a gateway was full, or its journal for its own bound, or had not found out yet that it is no more.</summary>
internal sealed class FullTimes(SimWorld world)
{
    // The journal looks at the disk once a second.
    private const long NoticesMs = 2000;
    private readonly List<(long FromMs, long UntilMs)> _times = [];

    /// <summary>It is full until <see cref="End"/>.</summary>
    public void Begin() => _times.Add((world.NowMs, long.MaxValue));

    public void End()
    {
        for (int i = 0; i < _times.Count; i++)
            if (_times[i].UntilMs == long.MaxValue)
                _times[i] = _times[i] with { UntilMs = world.NowMs + NoticesMs };
    }

    /// <summary>It was seen to be full, and nobody says when it is no more.</summary>
    public void Seen()
    {
        long untilMs = world.NowMs + NoticesMs;
        if (_times.Count > 0 && _times[^1].UntilMs >= world.NowMs)
            _times[^1] = _times[^1] with { UntilMs = Math.Max(_times[^1].UntilMs, untilMs) };
        else
            _times.Add((world.NowMs, untilMs));
    }

    /// <summary>Whether it was full at some time in between.</summary>
    public bool Was(long fromMs, long toMs) => _times.Exists(time => time.FromMs <= toMs && time.UntilMs >= fromMs);
}
