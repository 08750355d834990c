namespace DeviceMqtt.Broker.Turns;

/// <summary>Takes what is written during a turn, and lets it go at the end of the turn, at once.</summary>
internal interface IFlushed
{
    /// <summary>The end of a turn. Does not throw.</summary>
    void Flush();
}
