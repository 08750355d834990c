using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Budgets;

/// <summary>
/// Those that have something to send and find no memory to send it from. One of them goes on whenever some is given back, each user's in its turn,
/// and all of them with each beat. Owned by the turn.
/// </summary>
internal sealed class Starving(Account memory, Turn turn)
{
    // Chosen: a beat is no longer for it, and the others have the next.
    private const int WokenByBeatMax = 256;
    private readonly PayerLines<IJob> _waiting = new(static job => job.Payer);
    private readonly HashSet<IJob> _known = [];

    public int Count => _waiting.Count;

    /// <summary>It goes on when there is memory.</summary>
    public void Add(IJob job)
    {
        if (!_known.Add(job))
            return;
        _waiting.Add(job);
        memory.Given ??= WakeOne;
    }

    /// <summary>Nothing may have been given back: those that wait look for themselves.</summary>
    public void Beat()
    {
        for (int i = Math.Min(_waiting.Count, WokenByBeatMax); i > 0; i--)
            WakeOne();
    }

    private void WakeOne()
    {
        if (!_waiting.TryTake(out IJob? job))
        {
            memory.Given = null;
            return;
        }

        _ = _known.Remove(job);
        turn.Jobs.Continue(job);
    }
}
