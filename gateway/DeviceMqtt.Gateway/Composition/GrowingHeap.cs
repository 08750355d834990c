using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Budgets;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// Collects the youngest objects early while what lives on is made in numbers: connections, Sessions, retained messages. A collection of the young has everything stand still for as long as
/// it takes to copy what survives. With a youngest generation of 16 MB that is 50 ms where nearly all of it does, and 5 ms for 2 MB. Where messages pass through next to nothing survives,
/// and the runtime collects as it likes: early collections would only cost. Owned by the turn.
/// </summary>
/// <param name="kept">Bytes that clients make the gateway keep.</param>
/// <param name="connections">How many there are.</param>
/// <param name="memory">The runtime's.</param>
internal sealed class GrowingHeap(Func<long> kept, Func<int> connections, GrowingHeap.IMemory memory)
{
    /// <summary>Bytes made since the last collection, below which there is none before its time. Chosen by measurement: 5 ms of standing still (gateway/docs/performance.md).</summary>
    public const long StepBytes = 2 * 1024 * 1024;

    /// <summary>What a connection that comes or goes leaves behind at least, in bytes made: what is known of its device, and told of it.</summary>
    public const int BytesOfConnection = 2048;

    private long _kept;
    private int _connections;
    private long _made;
    private int _collections = -1;

    /// <summary>What it asks of the runtime.</summary>
    internal interface IMemory
    {
        /// <summary>Collections so far.</summary>
        int Collections { get; }

        /// <summary>Bytes of all objects made so far.</summary>
        long BytesMade { get; }

        /// <summary>Collects the young, with those that have survived once.</summary>
        void Collect();
    }

    public static GrowingHeap Of(MqttBroker broker)
    {
        Account memory = broker.State.Owners[Good.Memory];
        return new GrowingHeap(() => memory.Used, () => broker.ConnectionCount, new Runtime());
    }

    /// <summary>At the end of each turn.</summary>
    public void Look()
    {
        long now = kept();
        long grown = now - _kept;
        if (grown < 0)
            (_kept, grown) = (now, 0);
        long changed = Math.Abs(connections() - _connections);
        if (Math.Max(grown, changed * BytesOfConnection) < StepBytes)
            return;
        long made = memory.BytesMade;
        int collections = memory.Collections;
        if (collections == _collections)
        {
            long since = made - _made;
            if (since < StepBytes)
                return;
            // Where more is made than stays, most of it is garbage: the later it is collected, the less it costs.
            if (grown >= since || changed * BytesOfConnection >= since)
                memory.Collect();
        }

        (_collections, _made, _kept, _connections) = (memory.Collections, made, now, connections());
    }

    private sealed class Runtime : IMemory
    {
        public int Collections => GC.CollectionCount(0);

        public long BytesMade => GC.GetTotalAllocatedBytes(precise: false);

        // With the second generation, or what has survived would pile up there until its collection is as long.
        public void Collect() => GC.Collect(1, GCCollectionMode.Forced, blocking: true);
    }
}
