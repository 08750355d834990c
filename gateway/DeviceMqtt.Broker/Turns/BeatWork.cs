namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// What is done once a second, piece by piece. One that throws keeps no other from its work: it is passed over for a pause, which is longer each time, until it gets to its end again. What promises something, the journal
/// above all, is no piece of this: a fault there is not gone on behind. By who beats.
/// </summary>
/// <param name="faulted">Counts and logs a fault: the piece, what it threw, and the milliseconds until it is tried again.</param>
internal sealed class BeatWork(Action<string, Exception, int> faulted)
{
    /// <summary>Beats from a fault to the next try, at most. Chosen: as with jobs (<see cref="Jobs"/>).</summary>
    public const int BeatsMax = 30;

    private const int BeatMs = 1_000;
    private readonly Dictionary<string, Rest> _resting = new(StringComparer.Ordinal);

    private sealed class Rest
    {
        public int Beats { get; set; }

        public int Left { get; set; }
    }

    /// <summary>Does a piece, unless it rests.</summary>
    /// <param name="name">What it is, for the log: the end of a sentence.</param>
    /// <param name="work">What it does.</param>
    public void Do(string name, Action work)
    {
        _ = _resting.TryGetValue(name, out Rest? rest);
        if (rest is { Left: > 1 })
        {
            rest.Left--;
            return;
        }

        try
        {
            work();
        }
        catch (Exception fault)
        {
            rest ??= _resting[name] = new Rest();
            rest.Beats = rest.Left = Math.Clamp(rest.Beats * 2, 1, BeatsMax);
            faulted(name, fault, rest.Beats * BeatMs);
            return;
        }

        if (rest is not null)
            _ = _resting.Remove(name);
    }
}
