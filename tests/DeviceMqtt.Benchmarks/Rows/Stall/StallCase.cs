using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>Something heavy that one client, or many, make a broker do.</summary>
internal abstract class StallCase
{
    public abstract string Name { get; }

    public abstract string Title { get; }

    /// <summary>False where mosquitto has nothing like it.</summary>
    public virtual bool IsForMosquitto => true;

    /// <summary>A limit under which so many have room: the last tenth of it is not for one address.</summary>
    protected static int RoomFor(int things) => 1_000 + (2 * things);

    public virtual BrokerSettings Settings(StallSizes sizes) => new(LowLatency: true, KeepsMuch: true);

    /// <summary>What must be there before; nobody is watched meanwhile.</summary>
    public abstract void Prepare(StallBench bench);

    /// <summary>Begins it. What is returned is asked again and again, does the next small step of the load, and says whether all is done.</summary>
    public abstract Func<bool> Act(StallBench bench);
}
