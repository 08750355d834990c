namespace DeviceMqtt.Broker.Turns;

/// <summary>Takes messages more slowly than they are published: who publishes them is held back, for a moment at most.</summary>
internal interface ISlowReader
{
    /// <summary>Completes when there is room again; has completed already when publishers need not wait.</summary>
    Task WhenDrained();
}
