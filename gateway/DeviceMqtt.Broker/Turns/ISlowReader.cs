namespace DeviceMqtt.Broker.Turns;

/// <summary>Takes messages more slowly than they are published: who publishes them is held back, for a moment at most.</summary>
internal interface ISlowReader
{
    /// <summary>So many of them are remembered for one publisher, or one message. Chosen: the next message names those beyond.</summary>
    const int RememberedMax = 16;

    /// <summary>Completes when there is room again; has completed already when publishers need not wait.</summary>
    Task WhenDrained();
}
