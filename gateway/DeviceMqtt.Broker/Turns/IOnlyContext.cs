namespace DeviceMqtt.Broker.Turns;

/// <summary>A context on which everything runs that there is: a simulation's. Nothing in it goes by way of the thread pool, which has an order of its own.</summary>
internal interface IOnlyContext
{
}
