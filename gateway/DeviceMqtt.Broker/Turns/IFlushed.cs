namespace DeviceMqtt.Broker.Turns;

/// <summary>Takes what is written during a turn, and lets it go at the end of the turn, at once.</summary>
internal interface IFlushed
{
    /// <summary>The end of a turn. Does not throw.</summary>
    void Flush();

    /// <summary>What was written leaves now, in the middle of a turn, for want of memory. Does not throw, and sends nothing else.</summary>
    void FlushEarly();
}
