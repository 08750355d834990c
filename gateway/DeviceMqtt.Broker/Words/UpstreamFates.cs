namespace DeviceMqtt.Broker.Words;

/// <summary>
/// One P2P message that goes to several upstreams. One that takes it counts; that the others do not is told only when none does.
/// Owned by the turn.
/// </summary>
internal sealed class UpstreamFates
{
    /// <summary>Upstreams that have not said yet what becomes of it, and whoever still offers it to them.</summary>
    public int Open { get; set; } = 1;

    /// <summary>One has taken it.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Tells what the last one said that does not take it; null when none has.</summary>
    public Action? TellNo { get; set; }

    /// <summary>All upstreams were offered it.</summary>
    public void Offered()
    {
        if (--Open == 0 && !IsTaken)
            TellNo?.Invoke();
    }
}
