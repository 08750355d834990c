namespace DeviceMqtt.Broker.Turns;

/// <summary>Takes what is written during a turn, and lets it go at the end of the turn, at once, or of a later one.</summary>
internal interface IFlushed
{
    /// <summary>What its sends take of the time is of this share, and waits for it; null where it waits for none.</summary>
    SendShare? Share { get; }

    /// <summary>The end of a turn. Does not throw.</summary>
    void Flush();

    /// <summary>What was written leaves now, in the middle of a turn, for want of memory. Does not throw, and sends nothing else.</summary>
    void FlushEarly();
}
