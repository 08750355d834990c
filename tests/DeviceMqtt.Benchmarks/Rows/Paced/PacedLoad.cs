using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Paced;

/// <summary>
/// A load whose publishers each have a few messages under way and write few of them at a time, as devices and ordinary client libraries do. A broker that is
/// fast only while many messages come in one read is found out here.
/// </summary>
/// <param name="Name">As the row of the gathered load is called.</param>
/// <param name="Title">With what bounds the publishers.</param>
/// <param name="Open">Connects everybody; nothing is published before the load runs.</param>
internal sealed record PacedLoad(string Name, string Title, Func<BrokerProcess, LoadLoop, RunSettings, ThroughputLoad> Open)
{
    private const int Clients = 100;
    private const int FanOutSubscribers = 200;

    /// <summary>Chosen as 20 for each of the publishers, the window at QoS 1.</summary>
    private const int UndeliveredMax = Clients * FanInRow.WindowMessages;

    /// <summary>Of one source with 200 readers: 4,000 deliveries under way.</summary>
    private const int FanOutUndeliveredMax = FanInRow.WindowMessages * FanOutSubscribers;

    public static IReadOnlyList<PacedLoad> All { get; } =
    [
        new("fanin0", $"Fan-in {Clients}:1, QoS 0, at most {UndeliveredMax:N0} undelivered in all", OpenFanIn0),
        new("fanin1", $"Fan-in {Clients}:1, QoS 1, window {FanInRow.WindowMessages}", OpenFanIn1),
        new("fanout0", $"Fan-out 1:{FanOutSubscribers}, QoS 0, at most {FanOutUndeliveredMax:N0} deliveries under way", OpenFanOut0),
        new("pairwise1", $"Pairwise {Clients}:{Clients}, QoS 1, window {FanInRow.WindowMessages}", OpenPairwise1),
    ];

    private static ThroughputLoad OpenFanIn0(BrokerProcess broker, LoadLoop loop, RunSettings settings)
    {
        int level = settings.ProtocolLevel;
        var load = new ThroughputLoad(broker, loop);
        load.Add(Subscriber.Open(loop, broker.Port, level, "sub", "#", qos: 0));
        var publishers = new PacedPublisher[Clients];
        for (int i = 0; i < Clients; i++)
            load.Add(publishers[i] = PacedPublisher.Open(loop, broker.Port, level, $"pub{i:000}", $"bench/fanin/{i:000}", qos: 0));
        PumpInTurn(load, publishers, UndeliveredMax, settings.MessagesPerWriteMax);
        return load;
    }

    private static ThroughputLoad OpenFanIn1(BrokerProcess broker, LoadLoop loop, RunSettings settings)
    {
        int level = settings.ProtocolLevel;
        var load = new ThroughputLoad(broker, loop);
        load.Add(Subscriber.Open(loop, broker.Port, level, "sub", "#", qos: 1));
        for (int i = 0; i < Clients; i++)
            load.Add(WindowedPublisher.Open(loop, broker.Port, level, $"pub{i:000}", $"bench/fanin/{i:000}", FanInRow.WindowMessages, settings.MessagesPerWriteMax));
        return load;
    }

    private static ThroughputLoad OpenFanOut0(BrokerProcess broker, LoadLoop loop, RunSettings settings)
    {
        int level = settings.ProtocolLevel;
        const string Topic = "bench/fanout/all";
        var load = new ThroughputLoad(broker, loop) { CopiesPerMessage = FanOutSubscribers };
        for (int i = 0; i < FanOutSubscribers; i++)
            load.Add(Subscriber.Open(loop, broker.Port, level, $"sub{i:000}", Topic, qos: 0));
        PacedPublisher publisher = PacedPublisher.Open(loop, broker.Port, level, "pub", Topic, qos: 0);
        load.Add(publisher);
        PumpInTurn(load, [publisher], FanOutUndeliveredMax, settings.MessagesPerWriteMax);
        return load;
    }

    private static ThroughputLoad OpenPairwise1(BrokerProcess broker, LoadLoop loop, RunSettings settings)
    {
        int level = settings.ProtocolLevel;
        var load = new ThroughputLoad(broker, loop);
        for (int i = 0; i < Clients; i++)
        {
            string topic = $"bench/pair/{i:000}";
            load.Add(Subscriber.Open(loop, broker.Port, level, $"sub{i:000}", topic, qos: 1));
            load.Add(WindowedPublisher.Open(loop, broker.Port, level, $"pub{i:000}", topic, FanInRow.WindowMessages, settings.MessagesPerWriteMax));
        }
        return load;
    }

    // QoS 0 has no acknowledgement to wait for: what has arrived is what allows the next message. The publishers take turns.
    private static void PumpInTurn(ThroughputLoad load, PacedPublisher[] publishers, int undeliveredMax, int messagesPerWriteMax)
    {
        long published = 0;
        long next = 0;
        load.Pump = () =>
        {
            long until = (load.Delivered + undeliveredMax) / load.CopiesPerMessage;
            while (published < until)
            {
                int count = (int)Math.Min(messagesPerWriteMax, until - published);
                if (!publishers[next++ % publishers.Length].TryPublish(count))
                    throw new IOException($"the broker took no more after {published} messages");
                published += count;
            }
        };
    }
}
