using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Budgets;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// Collects the youngest objects early while what lives on is made in numbers: connections, Sessions, retained messages. A collection of the young has everything stand still for as long as
/// it takes to copy what survives. With a youngest generation of 16 MB that is 50 ms where nearly all of it does, and 5 ms for 2 MB. Where messages pass through next to nothing survives,
/// and the runtime collects as it likes: early collections would only cost. So what waits in queues does not count: a backlog grows for as long as a flood lasts. Owned by the turn.
/// </summary>
/// <param name="kept">Bytes of Sessions and retained messages.</param>
/// <param name="connections">How many there are.</param>
/// <param name="memory">The runtime's.</param>
internal sealed class GrowingHeap(Func<long> kept, Func<int> connections, GrowingHeap.IMemory memory)
{
    /// <summary>Bytes made since the last collection, below which there is none before its time. Chosen by measurement: 5 ms of standing still (gateway/docs/performance.md).</summary>
    public const long StepBytes = 2 * 1024 * 1024;

    /// <summary>Bytes made for a connection that comes or goes. Measured: 3.5 KB for one with its Session, and 1.2 KB for its end.</summary>
    public const int BytesOfConnection = 3072;

    private const int BytesOfSession = 2048; // with a subscription
    private const int BytesOfRetained = 512; // beside the message

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
        Owners owners = broker.State.Owners;
        (Account sessions, Account retained, Account retainedBytes) = (owners[Good.Sessions], owners[Good.RetainedMessages], owners[Good.RetainedBytes]);
        return new GrowingHeap(() => (sessions.Used * BytesOfSession) + (retained.Used * BytesOfRetained) + retainedBytes.Used, () => broker.ConnectionCount, new Runtime());
    }

    /// <summary>At the end of each turn.</summary>
    public void Look()
    {
        long now = kept();
        long grown = now - _kept;
        if (grown < 0)
            (_kept, grown) = (now, 0);
        long stays = grown + (Math.Abs(connections() - _connections) * (long)BytesOfConnection);
        if (stays < StepBytes)
            return;
        long made = memory.BytesMade;
        if (memory.Collections == _collections)
        {
            long since = made - _made;
            if (since < StepBytes)
                return;
            // Where more is made than stays, most of it is garbage: the later it is collected, the less it costs.
            if (stays >= since)
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
