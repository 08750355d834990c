namespace DeviceMqtt.Broker.Turns;

/// <summary>Takes what is written during a turn, and lets it go at the end of the turn, at once, or of a later one.</summary>
internal interface IFlushed
{
    /// <summary>What its sends take of the time is of this share; null for one that has all of it.</summary>
    SendShare? Share { get; }

    /// <summary>What was written may leave some milliseconds later.</summary>
    bool IsPatient { get; }

    /// <summary>It waits for a later turn. Cleared with the flush, and where it is touched once more because it cannot wait any longer.</summary>
    bool IsLate { get; set; }

    /// <summary>The end of a turn. Does not throw.</summary>
    void Flush();

    /// <summary>What was written leaves now, in the middle of a turn, for want of memory. Does not throw, and sends nothing else.</summary>
    void FlushEarly();
}
